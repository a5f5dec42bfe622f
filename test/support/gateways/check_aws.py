"""Checks a document for AWS API Gateway: as OpenAPI, by an import into moto, and by cfn-lint in a template. Prints the
resources and their methods that the import made, as JSON."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
from moto import mock_aws
from openapi_spec_validator import validate

document = json.loads(Path(sys.argv[1]).read_text())
validate(document)

with mock_aws():
    client = boto3.client("apigateway", "eu-central-1", aws_access_key_id="none", aws_secret_access_key="none")
    api = client.import_rest_api(body=json.dumps(document).encode(), failOnWarnings=True)
    pages = client.get_paginator("get_resources").paginate(restApiId=api["id"], limit=500)
    resources = [item for page in pages for item in page["items"]]
    client.create_deployment(restApiId=api["id"], stageName="prod")

template = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Resources": {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "portolan", "Body": document}},
    },
}
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "template.json"
    file.write_text(json.dumps(template))
    lint = Path(sys.executable).parent / "cfn-lint"
    subprocess.run([lint, "--regions", "eu-central-1", "--", file], check=True, stdout=sys.stderr)

print(json.dumps({item["path"]: sorted(item.get("resourceMethods", {})) for item in resources}))
