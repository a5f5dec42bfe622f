import Ajv2020 from 'ajv/dist/2020';
import standaloneCode from 'ajv/dist/standalone';
import addFormats from 'ajv-formats';
import { type Contract, componentName, fileMembers, operationsOf, resolve, type Schema, sentBody } from './contract';

const contractId = 'https://portolan.dev/contract.json';

/**
 * The source of two modules of precompiled validators: requests (`body_<operationId>`, `query_<operationId>`), and
 * answers (`answer_<operationId>_<status>`), which only tests load.
 */
export function validatorModules(contract: Contract): { requests: string; answers: string } {
  const requests = new ValidatorModule(contract);
  const answers = new ValidatorModule(contract);
  for (const { operation, parameters } of operationsOf(contract)) {
    const id = operation.operationId;
    const body = sentBody(operation);
    if (body) requests.add(`body_${id}`, body.multipart ? withoutFiles(resolve(contract, body.schema)) : body.schema);
    const query = parameters.filter((parameter) => parameter.in === 'query');
    requests.add(`query_${id}`, {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(query.map((parameter) => [parameter.name, parameter.schema])),
    });
    for (const [status, response] of Object.entries(operation.responses)) {
      const schema = resolve(contract, response).content?.['application/json']?.schema;
      if (schema) answers.add(`answer_${id}_${status}`, schema);
    }
  }
  return { requests: requests.source(), answers: answers.source() };
}

/** That a part is a file is known before its body is checked; what it holds no schema says. */
function withoutFiles(schema: Schema): Schema {
  const files = fileMembers(schema).map((name) => [name, {}] as const);
  return { ...schema, properties: { ...schema.properties, ...Object.fromEntries(files) } };
}

/** The validators of one generated file. A plain reference shares the validator of its component. */
class ValidatorModule {
  private readonly ajv: Ajv2020;
  private readonly names: Record<string, string> = {};
  private readonly aliases: [name: string, component: string][] = [];

  constructor(contract: Contract) {
    this.ajv = newAjv(contract);
  }

  add(name: string, schema: Schema): void {
    const component = Object.keys(schema).length === 1 ? componentName(schema) : undefined;
    if (component) {
      this.names[`schema_${component}`] = absolute(schema).$ref as string;
      this.aliases.push([name, `schema_${component}`]);
      return;
    }
    const $id = `https://portolan.dev/${name}.json`;
    this.ajv.addSchema({ ...absolute(schema), $id });
    this.names[name] = $id;
  }

  source(): string {
    const aliases = this.aliases.map(([name, component]) => `exports.${name} = exports.${component};`);
    return `${standaloneCode(this.ajv, this.names)}\n${aliases.join('\n')}\n`;
  }
}

function newAjv(contract: Contract): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    strictSchema: false,
    strictTypes: false,
    allowUnionTypes: true,
    code: { source: true, esm: false, lines: true },
  });
  addFormats(ajv, { mode: 'full', formats: ['date-time'] });
  // The stock format takes `urn:uuid:…`, which Postgres refuses.
  ajv.addFormat('uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i);
  // The stock format knows ASCII only. What an address is, its mail server decides.
  ajv.addFormat('email', /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u);
  ajv.addSchema({ $id: contractId, ...(absolute({ components: { schemas: contract.components.schemas } }) as object) });
  return ajv;
}

/** References as absolute ones, so that a schema may be compiled away from the document. */
function absolute<T>(value: T): T {
  if (Array.isArray(value)) return value.map(absolute) as T;
  if (!value || typeof value !== 'object') return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    // An example is data: it may hold anything, and nothing validates by it.
    if (key === 'example' || key === 'examples') continue;
    copy[key] = key === '$ref' && typeof member === 'string' && member.startsWith('#') ? contractId + member : absolute(member);
  }
  return copy as T;
}
