import type { Problem } from '../findings';
import { type Contract, follow, hasHeader, isJson, isSuccess, type Operation, takes, takesShared } from '../model';
import { layersOf } from '../walk';

const writes = ['post', 'put', 'patch', 'delete'];

/** idempotency-key: each write of /api that somebody signs may be retried. */
export function idempotencyKeys({ operations }: Contract): Problem[] {
  return operations
    .filter((one) => one.surface === 'api' && writes.includes(one.method) && !one.isPublic && !takesShared(one, 'IdempotencyKey'))
    .map((one) => shared('idempotency-key', one, 'IdempotencyKey', 'is a write'));
}

/** if-match: each change of one object of /api can be bound to what its author has seen. */
export function ifMatch({ operations }: Contract): Problem[] {
  return operations
    .filter(
      (one) =>
        one.surface === 'api' && ['put', 'patch', 'delete'].includes(one.method) && !one.isPublic && one.path.includes('{'),
    )
    .filter((one) => !takesShared(one, 'IfMatch'))
    .map((one) => shared('if-match', one, 'IfMatch', `is a ${one.method.toUpperCase()} of one object`));
}

/** if-none-match: an ETag that nobody can send back is of no use. */
export function ifNoneMatch({ operations }: Contract): Problem[] {
  return operations
    .filter((one) => one.method === 'get' && one.answers.some(({ status, node }) => isSuccess(status) && hasHeader(node, 'ETag')))
    .flatMap((one) => {
      const found = takesShared(one, 'IfNoneMatch') ? [] : [shared('if-none-match', one, 'IfNoneMatch', 'answers an ETag')];
      if (one.answers.some(({ status }) => status === '304')) return found;
      const message = `${one.label} answers an ETag, but no 304.`;
      return [...found, { rule: 'if-none-match', at: [...one.at, 'responses'], message, wayOut: 'Add 304 without content.' }];
    });
}

function shared(rule: string, { at, label }: Operation, component: string, reason: string): Problem {
  return {
    rule,
    at,
    message: `${label} ${reason}, but does not take ${component}.`,
    wayOut: `Add $ref: '#/components/parameters/${component}' to its parameters.`,
  };
}

/** path-parameters: the names in the path and the declared ones are the same. */
export function pathParameters({ operations }: Contract): Problem[] {
  return operations.flatMap(({ path, at, label, parameters }) => {
    const inPath = [...path.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? '');
    const declared = parameters.filter((one) => one.in === 'path');
    const rule = 'path-parameters';
    const undeclared = inPath
      .filter((name) => !declared.some((one) => one.name === name))
      .map((name) => ({
        rule,
        at,
        message: `${label} does not declare {${name}} of its path.`,
        wayOut: 'Add the parameter to the path or the operation.',
      }));
    const unused = declared
      .filter(({ name }) => !inPath.includes(name))
      .map(({ name }) => ({
        rule,
        at,
        message: `${label} declares the path parameter ${name}, which ${path} does not name.`,
        wayOut: 'Remove it, or name it in the path.',
      }));
    return [...undeclared, ...unused];
  });
}

const pageParameters = {
  api: ['limit', 'cursor', 'offset', 'sort', 'q'],
  v3: ['page', 'per_page', 'order_by'],
  uaa: [],
};
/** Members that the envelope of a list requires. */
const requiredOfLists = { api: ['total', 'nextCursor'], v3: ['pagination', 'resources'], uaa: [] };

/** list-parameters: whoever can read one list can read them all. */
export function listParameters({ operations }: Contract): Problem[] {
  return operations.filter(isList).flatMap((operation) => {
    const asked = pageParameters[operation.surface].filter(
      (name) => operation.node['x-list'] !== 'short' || !['sort', 'q'].includes(name),
    );
    const lacking = asked.filter((name) => !takes(operation, 'query', name));
    if (lacking.length === 0) return [];
    return [
      {
        rule: 'list-parameters',
        at: operation.at,
        message: `${operation.label} is a list without ${lacking.join(', ')}.`,
        wayOut: 'Add the shared query parameters; x-list: short lifts sort and q, x-list: none says that it is no list of pages.',
      },
    ];
  });
}

/** list-answer */
export function listAnswers({ root, operations }: Contract): Problem[] {
  return operations.filter(isList).flatMap(({ answers, label, surface }) => {
    const media = answers
      .filter(({ status }) => status === '200')
      .flatMap((answer) => answer.media.filter(({ type }) => isJson(type)));
    return media.flatMap(({ node, at }) => {
      const required = layersOf(root, node.schema, at).flatMap((layer) =>
        Array.isArray(layer.node.required) ? layer.node.required : [],
      );
      const lacking = requiredOfLists[surface].filter((name) => !required.includes(name));
      if (lacking.length === 0) return [];
      const where = follow(root, node.schema, at)?.at ?? at;
      const message = `The answer of ${label} does not require ${lacking.join(' and ')}.`;
      return [{ rule: 'list-answer', at: where, message, wayOut: 'Add them to properties and to required.' }];
    });
  });
}

function isList(operation: Operation): boolean {
  if (operation.method !== 'get' || operation.node['x-list'] === 'none') return false;
  if (operation.surface === 'v3' && takes(operation, 'query', 'page')) return true;
  return takes(operation, 'query', 'limit') || takes(operation, 'query', 'cursor') || /^list[A-Z]/.test(operation.label);
}

/** list-mark: a word that no rule knows would switch nothing, silently. */
export function listMarks({ operations }: Contract): Problem[] {
  return operations
    .filter(({ node }) => node['x-list'] !== undefined && !['short', 'none'].includes(String(node['x-list'])))
    .map(({ at, label, node }) => ({
      rule: 'list-mark',
      at: [...at, 'x-list'],
      message: `${label} has x-list: ${String(node['x-list'])}, which means nothing.`,
      wayOut: 'Known are short and none.',
    }));
}
