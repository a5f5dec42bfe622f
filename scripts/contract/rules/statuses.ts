import type { Problem } from '../findings';
import { type Contract, isJson, type Operation, takes } from '../model';
import { isObjectSchema, layersOf } from '../walk';

/** error-statuses: every status that the edge can answer for such an operation is declared. */
export function errorStatuses(contract: Contract): Problem[] {
  return contract.operations.flatMap((operation) => {
    const declared = new Set(operation.answers.map(({ status }) => status));
    const lacking = [...expected(contract, operation)].filter(([status]) => !declared.has(status));
    if (lacking.length === 0) return [];
    const statuses = lacking.sort(([a], [b]) => a.localeCompare(b)).map(([status, reason]) => `${status} (${reason})`);
    return [
      {
        rule: 'error-statuses',
        at: [...operation.at, 'responses'],
        message: `${operation.label} does not declare ${statuses.join(', ')}.`,
        wayOut: 'Add each as a $ref to components/responses.',
      },
    ];
  });
}

/** Status and the reason for it. */
function expected(contract: Contract, operation: Operation): Map<string, string> {
  if (operation.surface === 'api') return expectedOfApi(contract, operation);
  return operation.surface === 'v3' ? expectedOfV3(operation) : expectedOfTokens(operation);
}

/** Under /v3 an operation without query parameters takes any query, and no header asks for a version or a key. */
function expectedOfV3({ method, isPublic, parameters, body, node }: Operation): Map<string, string> {
  const has = (where: string) => parameters.some((one) => one.in === where);
  const statuses = new Map([['500', 'always']]);
  const add = (when: boolean, reason: string, ...list: string[]) => {
    for (const status of list) if (when) statuses.set(status, reason);
  };
  add(has('query') || body !== undefined, 'it takes a query or a body', '400');
  add(!isPublic, 'it is not public', '401', '403', '429', '503');
  add(has('path'), 'it has path parameters', '404');
  add(body !== undefined || node['x-always-refused'] === true, 'it takes a body, or refuses', '422');
  add(!isPublic && method !== 'get', 'it is a write', '409');
  return statuses;
}

function expectedOfApi(contract: Contract, operation: Operation): Map<string, string> {
  const { method, isPublic, node, body, parameters } = operation;
  const statuses = new Map<string, string>();
  const add = (when: boolean, reason: string, ...list: string[]) => {
    for (const status of list) if (when && !statuses.has(status)) statuses.set(status, reason);
  };
  const has = (where: string) => parameters.some((one) => one.in === where);
  const isWrite = ['post', 'put', 'patch', 'delete'].includes(method);
  const keyed = isWrite && takes(operation, 'header', 'Idempotency-Key');
  add(true, 'an unknown query parameter', '400');
  add(true, 'always', '500', '503');
  add(!isPublic, 'it is not public', '401', '403', '429');
  add(isPublic && node['x-rate-limit'] !== 'none', 'x-rate-limit is not none', '429');
  add(has('path'), 'it has path parameters', '404');
  add(body !== undefined, 'it takes a body', '413', '415');
  add(takesObject(contract, operation), 'it takes an object', '422');
  add(!isPublic && ['put', 'patch', 'delete'].includes(method), `it is a ${method.toUpperCase()}`, '412');
  add(takes(operation, 'header', 'If-Match'), 'it takes If-Match', '412');
  add(keyed, 'it takes Idempotency-Key', '409');
  return statuses;
}

/** The token service ignores what it does not know, and has one answer for whatever is wrong with a body. */
function expectedOfTokens({ isPublic, node, body, parameters }: Operation): Map<string, string> {
  return new Map([
    ['500', 'always'],
    ['503', 'always'],
    ...(isPublic ? [] : [['401', 'it is not public'] as const]),
    ...(isPublic && node['x-rate-limit'] === 'none' ? [] : [['429', 'it is limited'] as const]),
    ...(parameters.some((one) => one.in === 'path') ? [['404', 'it has path parameters'] as const] : []),
    ...(body ? (['400', '413'] as const).map((status) => [status, 'it takes a body'] as const) : []),
  ]);
}

function takesObject({ root }: Contract, { body }: Operation): boolean {
  const media = body?.media.filter(({ type }) => isJson(type)) ?? [];
  return media.some(({ node, at }) => layersOf(root, node.schema, [...at, 'schema']).some((layer) => isObjectSchema(layer.node)));
}
