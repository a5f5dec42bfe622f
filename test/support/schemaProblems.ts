import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import document from '../../generated/openapi.json';

const ajv = new Ajv2020({ strict: false });
addFormats(ajv);
ajv.addSchema({ $id: 'contract', ...document } as object);

/** What a value lacks to be of a named schema of the contract; empty when it is one. For what no answer's schema names. */
export function problems(schema: string, data: unknown): unknown {
  const validate = ajv.getSchema(`contract#/components/schemas/${schema}`);
  if (!validate) throw new Error(`The contract has no schema ${schema}`);
  return validate(data) ? [] : validate.errors;
}
