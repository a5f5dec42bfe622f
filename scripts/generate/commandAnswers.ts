import type { AnswerFacts } from '../../src/commands/client/commandTable';
import { surfaceOf } from '../../src/http/operationFacts';
import { type Contract, type PlacedOperation, type Response, resolve, type Schema } from './contract';

/** What the answer of an operation looks like to a person. */
export function answerFacts(contract: Contract, placed: PlacedOperation): AnswerFacts {
  const response = successOf(contract, placed);
  const types = Object.keys(response?.content ?? {});
  const [type = ''] = types;
  if (types.length === 0) return { kind: 'none' };
  if (type === 'text/event-stream') return { kind: 'events' };
  if (type !== 'application/json') return { kind: /^text\/|yaml/.test(type) ? 'text' : 'bytes' };
  const schema = resolve(contract, response?.content?.[type]?.schema as Schema);
  return { kind: 'json', ...listFacts(contract, placed, schema) };
}

function successOf(contract: Contract, { operation }: PlacedOperation): Response | undefined {
  const status = Object.keys(operation.responses).find((one) => one.startsWith('2'));
  return status === undefined ? undefined : resolve(contract, operation.responses[status] as Response);
}

function listFacts(contract: Contract, { operation }: PlacedOperation, schema: Schema): Partial<AnswerFacts> {
  const members = Object.entries(schema.properties ?? {});
  const arrays = members.filter(([, member]) => resolve(contract, member).type === 'array').map(([name]) => name);
  const paging = schema.properties?.nextCursor ? 'cursor' : schema.properties?.pagination ? 'pages' : undefined;
  const list = paging === 'pages' ? 'resources' : arrays.length === 1 ? arrays[0] : undefined;
  if (!list || !(paging || operation.operationId.startsWith('list'))) return {};
  const items = resolve(contract, schema.properties?.[list] as Schema).items;
  const columns = operation['x-columns'] ?? (items && columnsOf(contract, resolve(contract, items)));
  return { list, ...(paging ? { paging } : {}), ...(columns ? { columns } : {}) };
}

const names = ['name', 'key', 'email', 'filename', 'tag', 'action', 'resourceName'];
/** Members that say too much, or too little, for a row. */
const dull =
  /^(id|guid|.*Id|.*_guid|description|content|command|.*Command|.*Template|.*_metadata|staging_.*|.*_mb|.*Ms|mediaType|configDigest|has[A-Z].*|.*Prefix|.*Error|createdAt|created_at|updatedAt|updated_at)$/;

/** A name first, then what is short and in the order of the schema, the id last. */
function columnsOf(contract: Contract, schema: Schema): string[] | undefined {
  const short = Object.entries(propertiesOf(contract, schema))
    .filter(([, member]) => isShort(contract, member))
    .map(([name]) => name);
  const first = names.filter((name) => short.includes(name));
  const middle = short.filter((name) => !first.includes(name) && !dull.test(name));
  const moments = ['updatedAt', 'createdAt', 'created_at', ...middle.filter((name) => /At$/.test(name)).reverse()];
  const time = moments.filter((name) => short.includes(name)).slice(0, 1);
  const last = ['id', 'guid'].filter((name) => short.includes(name)).slice(0, 1);
  const most = [...first, ...middle].filter((name) => !time.includes(name)).slice(0, 6);
  const columns = [...most, ...time, ...last];
  return columns.length > 0 ? columns : undefined;
}

/** The members of an object, also of one that is put together from several. */
export function propertiesOf(contract: Contract, schema: Schema): Record<string, Schema> {
  const parts = ((schema.allOf ?? []) as Schema[]).map((part) => propertiesOf(contract, resolve(contract, part)));
  return Object.assign({}, ...parts, schema.properties);
}

function isShort(contract: Contract, schema: Schema): boolean {
  const resolved = resolve(contract, schema);
  const choices = (resolved.oneOf ?? resolved.anyOf) as Schema[] | undefined;
  if (choices) return choices.every((choice) => isShort(contract, choice));
  const types = [resolved.type].flat();
  if (types.includes('string') && (resolved.maxLength as number) > 1000) return false;
  return types.every((type) => ['string', 'integer', 'number', 'boolean', 'null'].includes(type ?? ''));
}

/** How the end of what a 202 began is learnt. */
export function waitOf(contract: Contract, { operation, path }: PlacedOperation): 'operation' | 'job' | undefined {
  const accepted = operation.responses['202'];
  const headers = accepted && resolve(contract, accepted).headers;
  if (!headers?.Location) return undefined;
  return surfaceOf(path) === 'v3' ? 'job' : 'operation';
}
