import { isObject, type JsonObject, type Path, type Problem } from '../findings';
import { type Contract, entries, follow, type Media } from '../model';
import { allSchemas, isObjectSchema, layersOf } from '../walk';

/** open-request: an unknown member of a request is a typo, and is told instead of dropped. */
export function openRequests({ root, operations }: Contract): Problem[] {
  const bodies = operations.flatMap(({ body, label }) => (body?.media ?? []).map((media) => ({ media, label })));
  return bodies.flatMap(({ media, label }) => {
    const found: Problem[] = [];
    walkValues(root, media, (schema, at, closedAbove) => {
      if (closedAbove || !isObjectSchema(schema) || isClosed(schema) || isObject(schema.additionalProperties)) return;
      const message = 'This object is part of a request and takes unknown members.';
      const wayOut = 'Add additionalProperties: false; for a map a schema of its values ({} for any value).';
      found.push({ rule: 'open-request', at, message, wayOut });
    });
    return found.map((one) => withName(one, label));
  });
}

/** closed-response: a new member of an answer must never break a client. */
export function closedResponses({ root, operations }: Contract): Problem[] {
  const media = operations.flatMap(({ answers, label }) =>
    answers.flatMap((answer) => answer.media.map((one) => ({ media: one, label }))),
  );
  return media.flatMap(({ media: one, label }) => {
    const found: Problem[] = [];
    walkValues(root, one, (schema, at) => {
      if (!isClosed(schema)) return;
      const message = 'This object is part of an answer and refuses further members.';
      const wayOut = 'Remove additionalProperties: false; if a request shares it, give answers a schema of their own.';
      found.push({ rule: 'closed-response', at, message, wayOut });
    });
    return found.map((problem) => withName(problem, label));
  });
}

/** A component is told once, whoever uses it; an inline schema has only its operation's name. */
function withName(problem: Problem, label: string): Problem {
  return problem.at[0] === 'paths' ? { ...problem, message: `${label}: ${problem.message}` } : problem;
}

const isClosed = (schema: JsonObject) => schema.additionalProperties === false || schema.unevaluatedProperties === false;

type Visit = (schema: JsonObject, at: Path, closedAbove: boolean) => void;

/**
 * Visits each schema that describes a part of a body, following references. A branch of allOf, oneOf or anyOf inside a
 * closed object describes the same value, which its parent closes. `not`, `if` and the like only test a value.
 */
function walkValues(root: JsonObject, media: Media, visit: Visit): void {
  const seen = new Set<JsonObject>();
  const step = (value: unknown, at: Path, closedAbove: boolean): void => {
    if (!isObject(value) || seen.has(value)) return;
    seen.add(value);
    visit(value, at, closedAbove);
    const closed = closedAbove || isClosed(value);
    if (typeof value.$ref === 'string') {
      const target = follow(root, value, at);
      if (target) step(target.node, target.at, closed);
    }
    for (const key of ['allOf', 'oneOf', 'anyOf']) eachOf(value[key], [...at, key], (one, where) => step(one, where, closed));
    eachOf(value.prefixItems, [...at, 'prefixItems'], (one, where) => step(one, where, false));
    for (const key of ['items', 'additionalProperties']) step(value[key], [...at, key], false);
    for (const key of ['properties', 'patternProperties']) {
      for (const [name, one] of entries(value[key])) step(one, [...at, key, name], false);
    }
  };
  step(media.node.schema, [...media.at, 'schema'], false);
}

function eachOf(list: unknown, at: Path, each: (value: unknown, at: Path) => void): void {
  if (!Array.isArray(list)) return;
  for (const [index, value] of list.entries()) each(value, [...at, String(index)]);
}

/** patch-request: absent means unchanged, so nothing may be required and nothing may be filled in. */
export function patchRequests({ root, operations }: Contract): Problem[] {
  const bodies = operations
    .filter(({ method }) => method === 'patch')
    .flatMap(({ body, label }) => (body?.media ?? []).map((media) => ({ media, label })));
  return bodies.flatMap(({ media, label }) =>
    layersOf(root, media.node.schema, [...media.at, 'schema']).flatMap(({ node, at }) => [
      ...(Array.isArray(node.required) && node.required.length > 0
        ? [patchProblem([...at, 'required'], `${label} requires ${node.required.join(', ')}`)]
        : []),
      ...(node.default === undefined ? [] : [patchProblem([...at, 'default'], `${label} has a default body`)]),
      ...defaultsOf(root, node, at).map((one) => patchProblem(one.at, `${label} fills in ${one.name}`)),
    ]),
  );
}

/** Defaults of the members themselves. A nested map or array is replaced as a whole, so defaults inside it are right. */
function defaultsOf(root: JsonObject, schema: JsonObject, at: Path): { name: string; at: Path }[] {
  return entries(schema.properties).flatMap(([name, member]) =>
    layersOf(root, member, [...at, 'properties', name])
      .filter(({ node }) => node.default !== undefined)
      .map((layer) => ({ name, at: [...layer.at, 'default'] })),
  );
}

function patchProblem(at: Path, what: string): Problem {
  return {
    rule: 'patch-request',
    at,
    message: `${what}, but an absent member of a PATCH means unchanged.`,
    wayOut: 'Remove it; the create request may have it.',
  };
}

/** property-name: components whose names begin with V3 or Oauth speak as Cloud Foundry does, all others as Portolan. */
export function propertyNames({ root }: Contract): Problem[] {
  return allSchemas(root).flatMap(({ node, at }) => {
    const snake = at[0] === 'components' && /^(V3|Oauth)/.test(at[2] ?? '');
    const form = snake ? /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/ : /^_?[a-z][a-zA-Z0-9]*$/;
    return (isObject(node.properties) ? Object.keys(node.properties) : [])
      .filter((name) => !form.test(name))
      .map((name) => ({
        rule: 'property-name',
        at: [...at, 'properties', name],
        message: `The member ${name} is not ${snake ? 'snake_case' : 'camelCase'}.`,
        wayOut: `Write ${snake ? 'small letters, digits and single underscores' : 'letters and digits, the first one small'}.`,
      }));
  });
}

/** schema-name */
export function schemaNames({ root }: Contract): Problem[] {
  const schemas = isObject(root.components) ? root.components.schemas : undefined;
  return entries(schemas)
    .filter(([name]) => !/^[A-Z][A-Za-z0-9]*$/.test(name))
    .map(([name]) => ({
      rule: 'schema-name',
      at: ['components', 'schemas', name],
      message: `The schema ${name} is not PascalCase.`,
      wayOut: 'It becomes the name of a type in clients: letters and digits, the first one large.',
    }));
}
