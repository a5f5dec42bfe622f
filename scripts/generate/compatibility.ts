import { type Contract, operationsOf, type PlacedOperation, resolve, type Schema, sentBody } from './contract';

/**
 * What the compatibility mode does to an operation, from the marks of the schemas: `x-compat-text` on a member of an answer
 * (`always`, or `null` when the value is empty), `x-compat-blank: absent` on a member of a request.
 */
export interface CompatibilityFacts {
  /** Members of the answer by place, such as `services[].baseEnv`, and what an empty value is told as. */
  texts?: Record<string, string | null>;
  /** The same of the resource alone, as preconditions compare it. */
  resource?: Record<string, string | null>;
  /** Members of the body that count as absent when they are `""`. */
  blanks?: string[];
}

type Texts = Record<string, string | null>;

export function compatibilityFacts(contract: Contract, placed: PlacedOperation): CompatibilityFacts | undefined {
  const texts = textsOf(contract, placed.operation);
  const resource = insideEnvelope(Object.keys(texts).length > 0 ? texts : textsOf(contract, readAt(contract, placed)));
  const blanks = blanksOf(contract, placed);
  const facts = {
    ...(Object.keys(texts).length > 0 ? { texts } : {}),
    ...(Object.keys(resource).length > 0 ? { resource } : {}),
    ...(blanks.length > 0 ? { blanks } : {}),
  };
  return Object.keys(facts).length > 0 ? facts : undefined;
}

/** The read of what a write without an answer changes: a DELETE has its preconditions compared with that. */
function readAt(contract: Contract, { path, method }: PlacedOperation): PlacedOperation['operation'] | undefined {
  return method === 'get'
    ? undefined
    : operationsOf(contract).find((one) => one.path === path && one.method === 'get')?.operation;
}

function textsOf(contract: Contract, operation: PlacedOperation['operation'] | undefined): Texts {
  const found: Texts = {};
  for (const [status, response] of Object.entries(operation?.responses ?? {})) {
    const schema = status.startsWith('2') ? resolve(contract, response).content?.['application/json']?.schema : undefined;
    if (schema) collect(contract, schema, '', [], found);
  }
  return found;
}

/** Of `service.baseEnv` the `baseEnv`. Lists have no resource. */
function insideEnvelope(texts: Texts): Texts {
  const inside = Object.entries(texts).flatMap(([place, empty]) => {
    const [envelope = '', ...rest] = place.split('.');
    return envelope.endsWith('[]') || rest.length === 0 ? [] : [[rest.join('.'), empty] as const];
  });
  return Object.fromEntries(inside);
}

function collect(contract: Contract, written: Schema, place: string, above: Schema[], into: Texts): void {
  const schema = resolve(contract, written);
  // A schema inside itself: the places end where it begins anew.
  if (above.includes(schema)) return;
  const path = [...above, schema];
  const mark = written['x-compat-text'] ?? schema['x-compat-text'];
  if (mark !== undefined) {
    into[place] = emptyOf(place, mark, schema);
    return;
  }
  for (const key of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const choice of (schema[key] ?? []) as Schema[]) collect(contract, choice, place, path, into);
  }
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    collect(contract, member, place ? `${place}.${name}` : name, path, into);
  }
  if (schema.items) collect(contract, schema.items, `${place}[]`, path, into);
}

function emptyOf(place: string, mark: unknown, schema: Schema): string | null {
  if (mark === 'null') return null;
  if (mark === 'always') return [schema.type].flat().includes('array') ? '[]' : '{}';
  throw new Error(`openapi.yaml: ${place}: x-compat-text is always or "null", not ${JSON.stringify(mark)}`);
}

function blanksOf(contract: Contract, { operation }: PlacedOperation): string[] {
  const body = sentBody(operation);
  const members = Object.entries(body ? (resolve(contract, body.schema).properties ?? {}) : {});
  return members.filter(([, schema]) => schema['x-compat-blank'] === 'absent').map(([name]) => name);
}
