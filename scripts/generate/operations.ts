import { surfaceOf } from '../../src/http/operationFacts';
import { compatibilityFacts } from './compatibility';
import {
  type Contract,
  componentName,
  fileMembers,
  operationsOf,
  type Parameter,
  type PlacedOperation,
  resolve,
  type Schema,
  sentBody,
} from './contract';
import { deprecatedFacts } from './deprecatedFacts';

/** The source of `generated/operations.ts`: what the edge has to know of each operation, without reading the contract. */
export function operationTable(contract: Contract): string {
  const entries = operationsOf(contract).map((placed) => [placed.operation.operationId, facts(contract, placed)] as const);
  const lines = entries.map(([id, fact]) => `  ${id}: ${JSON.stringify(fact)},`);
  return `import type { OperationFacts } from '../src/http/operationFacts';

export const operations = {
${lines.join('\n')}
} as const satisfies Record<string, OperationFacts>;

export type OperationId = keyof typeof operations;

export const contractVersion = ${JSON.stringify(contract.info.version)};
`;
}

function facts(contract: Contract, placed: PlacedOperation) {
  const { operation, method, path, parameters } = placed;
  const permission = operation['x-permission'];
  const compatibility = compatibilityFacts(contract, placed);
  const deprecated = deprecatedFacts(contract, placed);
  const success = Object.keys(operation.responses).find((status) => status.startsWith('2')) ?? '200';
  const surface = surfaceOf(path);
  return {
    method,
    path,
    ...(surface === 'api' ? {} : { surface }),
    family: operation.tags[0],
    role: permission.role,
    scope: permission.scope ?? null,
    ...(permission.anyScope ? { anyScope: permission.anyScope } : {}),
    environment: permission.environment,
    ...(permission.self ? { self: true } : {}),
    success: Number(success),
    ...(operation['x-rate-limit'] ? { rateLimit: operation['x-rate-limit'] } : {}),
    ...(operation['x-cache'] ? { cache: operation['x-cache'] } : {}),
    ...(operation.security?.some((one) => 'eventTicket' in one) ? { ticket: true } : {}),
    ...(operation['x-listener'] ? { listener: operation['x-listener'] } : {}),
    ...(operation['x-reveals'] ? { reveals: operation['x-reveals'] } : {}),
    ...(operation['x-outside'] ? { outside: true as const } : {}),
    nouns: Object.fromEntries(parameters.filter((p) => p.in === 'path').map((p) => [p.name, p['x-resource'] ?? p.name])),
    opaqueIds: parameters
      .filter((p) => p.in === 'path' && p.schema.pattern === undefined && p.name !== 'asset')
      .map((p) => p.name),
    query: Object.fromEntries(parameters.filter((p) => p.in === 'query').map((p) => [p.name, queryFacts(contract, p)])),
    ...(operation['x-list-key'] ? { listKey: operation['x-list-key'] } : {}),
    ...(operation['x-sortable'] ? { sortable: operation['x-sortable'].map(withoutSign) } : {}),
    ...(operation['x-body-limit'] ? { bodyLimit: operation['x-body-limit'] } : {}),
    ...(operation['x-default-sort'] ? { defaultSort: operation['x-default-sort'] } : {}),
    ...bodyFacts(contract, operation),
    ...(compatibility ? { compatibility } : {}),
    ...(deprecated ? { deprecated } : {}),
  };
}

const withoutSign = (member: string) => member.replace(/^-/, '');

function queryFacts(contract: Contract, parameter: Parameter) {
  const schema = resolve(contract, parameter.schema);
  const type = typeOf(schema);
  const items = schema.items && resolve(contract, schema.items);
  return {
    type,
    ...(schema.default === undefined ? {} : { default: schema.default }),
    ...(items?.enum || items?.format ? { commaFree: true } : {}),
    ...(schema['x-choices'] ? { choices: schema['x-choices'] as string[] } : {}),
  };
}

function typeOf(schema: Schema): string {
  const type = Array.isArray(schema.type) ? schema.type.find((t) => t !== 'null') : schema.type;
  return type ?? 'string';
}

function bodyFacts(contract: Contract, operation: PlacedOperation['operation']) {
  const sent = sentBody(operation);
  if (!sent) return {};
  const { schema, form, multipart } = sent;
  const name = componentName(schema) ?? '';
  const resolved = resolve(contract, schema);
  const places: Places = { members: {}, hints: {} };
  collectPlaces(contract, resolved, '', places);
  const { members, hints } = places;
  return {
    body: {
      required: operation.requestBody?.required === true,
      kind: typeOf(resolved),
      schema: name,
      ...(form ? { form } : {}),
      ...(multipart ? { files: fileMembers(resolved) } : {}),
      members,
      ...(Object.keys(hints).length > 0 ? { hints } : {}),
      readOnly: readOnlyMembers(contract, name, resolved),
    },
  };
}

/** Known members and hints by place: '' is the body, `connectionFields[]` an entry of that array. */
interface Places {
  members: Record<string, string[]>;
  hints: Record<string, string>;
}

function collectPlaces(contract: Contract, schema: Schema, place: string, into: Places): void {
  const resolved = resolve(contract, schema);
  const hint = schema['x-hint'] ?? resolved['x-hint'];
  if (hint !== undefined) into.hints[place] = hint;
  for (const choice of (resolved.oneOf ?? resolved.anyOf ?? []) as Schema[]) collectPlaces(contract, choice, place, into);
  if (resolved.properties) {
    into.members[place] = Object.keys(resolved.properties);
    for (const [name, member] of Object.entries(resolved.properties)) {
      collectPlaces(contract, member, place ? `${place}.${name}` : name, into);
    }
  }
  if (resolved.items) collectPlaces(contract, resolved.items, `${place}[]`, into);
}

/**
 * Members of the resource that this request does not take: naming one is a 422 rather than an unknown member. The
 * resource of `RegistryCreate` and `RegistryUpdate` is `Registry`; that of `MyApiTokenCreate` is `ApiToken`.
 */
function readOnlyMembers(contract: Contract, name: string, request: Schema): Record<string, string> {
  const match = /^(?:My)?([A-Z].*)(Create|Update)$/.exec(name);
  const resource = match?.[1] ? contract.components.schemas[match[1]] : undefined;
  if (!resource?.properties) return {};
  const hints: Record<string, string> = {};
  for (const [member, schema] of Object.entries(resource.properties)) {
    if (request.properties?.[member]) continue;
    hints[member] = schema['x-hint'] ?? defaultHint(contract, match?.[1] ?? '', member);
  }
  return hints;
}

function defaultHint(contract: Contract, resource: string, member: string): string {
  const onCreate = contract.components.schemas[`${resource}Create`]?.properties?.[member];
  return onCreate ? 'It is set when the object is created and stays.' : 'Leave it out; Portolan sets it.';
}
