import Ajv2020, { type ErrorObject, MissingRefError, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { isObject, type JsonObject, type Path, type Problem } from '../findings';
import { type Contract, entries, follow, type Located } from '../model';
import { allSchemas, schemaCarriers } from '../walk';

const contractId = 'https://portolan.dev/contract.json';

/** example-invalid and schema-invalid: a wrong example teaches the wrong request. */
export function invalidExamples({ root }: Contract): Problem[] {
  const compiler = new Compiler(root);
  const whole = allSchemas(root).map((schema) => ({ schema, examples: schemaExamples(schema) }));
  const carried = schemaCarriers(root).map((carrier) => ({ schema: schemaOf(carrier), examples: examplesOf(root, carrier) }));
  // A nested schema without examples is compiled as a part of the one around it.
  const isWhole = ({ at }: Located) => at[0] === 'components' && at[1] === 'schemas' && at.length === 3;
  const asked = [...whole.filter(({ schema, examples }) => isWhole(schema) || examples.length > 0), ...carried];
  const judged = asked.flatMap(({ schema, examples }) => {
    const validate = compiler.compile(schema);
    return validate ? examples.flatMap((example) => judge(validate, example)) : [];
  });
  return [...compiler.problems(), ...judged];
}

const schemaOf = ({ node, at }: Located): Located => ({ node: isObject(node.schema) ? node.schema : {}, at: [...at, 'schema'] });

interface Example {
  value: unknown;
  at: Path;
}

/** Examples of a media type, parameter or header: one value, or named ones that may be references. */
function examplesOf(root: JsonObject, { node, at }: Located): Example[] {
  const single = node.example === undefined ? [] : [{ value: node.example, at: [...at, 'example'] }];
  const named = entries(node.examples).flatMap(([name, example]) => {
    const found: Located | undefined = follow(root, example, [...at, 'examples', name]);
    return found && 'value' in found.node ? [{ value: found.node.value, at: [...found.at, 'value'] }] : [];
  });
  return [...single, ...named];
}

/** Examples of a schema: one value in the manner of 3.0, a list in that of JSON Schema. */
function schemaExamples({ node: schema, at }: Located): Example[] {
  const single = schema.example === undefined ? [] : [{ value: schema.example, at: [...at, 'example'] }];
  const list: unknown[] = Array.isArray(schema.examples) ? schema.examples : [];
  return [...single, ...list.map((value, index) => ({ value, at: [...at, 'examples', String(index)] }))];
}

function judge(validate: ValidateFunction, { value, at }: Example): Problem[] {
  if (validate(value)) return [];
  const message = `This example does not fit its schema: ${(validate.errors ?? []).slice(0, 3).map(tell).join('; ')}.`;
  return [{ rule: 'example-invalid', at, message, wayOut: 'Mend the example, or the schema if the example is right.' }];
}

function tell({ instancePath, message, params }: ErrorObject): string {
  const extra = params.additionalProperty ?? params.allowedValues ?? params.allowedValue;
  return `${instancePath || 'the value'} ${message}${extra === undefined ? '' : ` (${[extra].flat().join(', ')})`}`;
}

/** Compiles schemas of one document; references lead to the document itself. */
class Compiler {
  private readonly ajv = new Ajv2020({
    allErrors: true,
    strictSchema: false,
    strictTypes: false,
    allowUnionTypes: true,
    logger: false,
    addUsedSchema: false,
  });
  private readonly compiled = new Map<string, ValidateFunction | undefined>();
  private readonly faults = new Map<string, Problem>();

  constructor(root: JsonObject) {
    addFormats(this.ajv);
    // The stock format takes `urn:uuid:…`, which Postgres refuses.
    this.ajv.addFormat('uuid', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
    this.ajv.addVocabulary(['example', 'xml', 'discriminator', 'externalDocs']);
    this.ajv.addSchema({ $id: contractId, ...(absolute({ components: root.components ?? {} }) as object) });
  }

  /** Schemas that do not compile; a fault that others inherit by reference is told where it was met first. */
  problems(): Problem[] {
    return [...this.faults.values()];
  }

  compile({ node, at }: Located): ValidateFunction | undefined {
    const key = JSON.stringify(node);
    if (!this.compiled.has(key)) this.compiled.set(key, this.make(node, at));
    return this.compiled.get(key);
  }

  private make(schema: JsonObject, at: Path): ValidateFunction | undefined {
    try {
      return this.ajv.compile(absolute(schema) as JsonObject);
    } catch (error) {
      const message = `This is no JSON Schema (2020-12) that can be used: ${(error as Error).message}.`;
      const wayOut = 'Mend the schema; nothing can be checked against it.';
      // A missing target is found as unresolved-ref or external-ref, at its place.
      const known = error instanceof MissingRefError || this.faults.has(message);
      if (!known) this.faults.set(message, { rule: 'schema-invalid', at, message, wayOut });
      return undefined;
    }
  }
}

/** References as absolute ones, so that a schema can be compiled away from the document. */
function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === '$ref' && typeof member === 'string' && member.startsWith('#') ? contractId + member : absolute(member),
    ]),
  );
}
