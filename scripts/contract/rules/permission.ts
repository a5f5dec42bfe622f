import { isObject, type JsonObject, type Problem } from '../findings';
import type { Contract, Operation } from '../model';

const roles = ['public', 'any', 'viewer', 'operator', 'admin'];
const environments = ['path', 'resource', 'body', 'query', 'none'];
const members = ['role', 'scope', 'anyScope', 'environment', 'self'];
const scopeForm = /^[a-z][a-z-]*:(?:[a-z]+|\*)$/;

/** operation-permission: whom the edge lets in is read from here, so a mistake here is a hole. */
export function operationPermissions({ operations }: Contract): Problem[] {
  return operations.flatMap((operation) => {
    const permission = operation.node['x-permission'];
    if (!isObject(permission)) {
      const wayOut = 'Add x-permission: { role, scope, environment }.';
      return [problem(operation, 'has no x-permission', wayOut, false)];
    }
    return [...form(operation, permission), ...scope(operation, permission), ...source(operation, permission)];
  });
}

function problem({ at, label }: Operation, what: string, wayOut: string, inside = true): Problem {
  return { rule: 'operation-permission', at: inside ? [...at, 'x-permission'] : at, message: `${label} ${what}.`, wayOut };
}

function form(operation: Operation, permission: JsonObject): Problem[] {
  const found: Problem[] = [];
  const { role, environment, self } = permission;
  const unknown = Object.keys(permission).filter((key) => !members.includes(key));
  if (unknown.length > 0) {
    found.push(
      problem(operation, `has unknown members in x-permission: ${unknown.join(', ')}`, `Known are ${members.join(', ')}.`),
    );
  }
  if (!roles.includes(String(role))) {
    found.push(problem(operation, `has the role ${String(role)} in x-permission`, `Use one of ${roles.join(', ')}.`));
  }
  if (!environments.includes(String(environment))) {
    const wayOut = `Say where the environment comes from: ${environments.join(', ')}.`;
    found.push(problem(operation, `has the environment ${String(environment)} in x-permission`, wayOut));
  }
  if (self !== undefined && typeof self !== 'boolean') {
    found.push(problem(operation, 'has an x-permission.self that is no boolean', 'Write true, or leave it out.'));
  }
  return found;
}

function scope(operation: Operation, { role, scope, anyScope }: JsonObject): Problem[] {
  if (anyScope !== undefined && (!isListOfScopes(anyScope) || (scope !== undefined && scope !== null))) {
    return [
      problem(
        operation,
        `has the anyScope ${JSON.stringify(anyScope)} and the scope ${JSON.stringify(scope ?? null)}`,
        'List scopes such as droplets:write, and set scope to null.',
      ),
    ];
  }
  const given = (scope !== undefined && scope !== null) || anyScope !== undefined;
  const ofResource = operation.node['x-scope-of-resource'];
  if (ofResource !== undefined && (ofResource !== true || given || role === 'public')) {
    const wayOut =
      'It is true, on an operation with a role and the scope null, whose handler asks for the scope of the resource.';
    return [problem(operation, 'has an x-scope-of-resource that says nothing', wayOut, false)];
  }
  if (given && anyScope === undefined && !(typeof scope === 'string' && scopeForm.test(scope))) {
    return [problem(operation, `has the scope ${JSON.stringify(scope)}`, 'Write family:verb, such as registries:read, or null.')];
  }
  if (role === 'public' && given) {
    return [
      problem(operation, 'is public and names a scope, which nobody could hold', 'Set the scope to null, or another role.'),
    ];
  }
  if (['viewer', 'operator', 'admin'].includes(String(role)) && !given && ofResource !== true) {
    const wayOut = 'Name the scope, such as registries:read; x-scope-of-resource: true says that the handler asks for it.';
    return [problem(operation, `asks for the role ${String(role)} and for no scope`, wayOut)];
  }
  return [];
}

const isListOfScopes = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && scopeForm.test(one));

/** reveals: what shows a secret is on record, and kept in no cache. */
export function reveals({ operations }: Contract): Problem[] {
  return operations.flatMap((operation) => {
    const { node, at, label } = operation;
    const permission = node['x-permission'];
    const mayReveal = isObject(permission) && permission.scope === 'secrets:reveal';
    const kinds = ['environment', 'secret'];
    const isMarked = kinds.includes(String(node['x-reveals'])) && node['x-cache'] === 'no-store' && node['x-no-etag'] === true;
    if (mayReveal ? isMarked && operation.method === 'get' : node['x-reveals'] === undefined) return [];
    const wayOut = `It is a GET with the scope secrets:reveal, x-reveals: ${kinds.join(' or ')}, x-cache: no-store and x-no-etag: true.`;
    return [{ rule: 'reveals', at, message: `${label} reveals a secret in a way of its own.`, wayOut }];
  });
}

/** An environment can only come from a part that the request has. */
function source(operation: Operation, { environment }: JsonObject): Problem[] {
  const has = (where: string) => operation.parameters.some((one) => one.in === where);
  const missing =
    (environment === 'path' && !has('path')) ||
    (environment === 'query' && !has('query')) ||
    (environment === 'body' && !operation.body);
  if (!missing) return [];
  return [
    problem(operation, `takes its environment from the ${String(environment)}, but has none`, 'Name where it really comes from.'),
  ];
}
