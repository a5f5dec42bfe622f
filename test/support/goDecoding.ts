/**
 * Decoding as Go's JSON package does it, strictly: null and absence leave the zero value of a field, a value of another
 * type fails, unknown members are passed over.
 */
export type Shape =
  | 'text'
  | 'integer'
  | 'unsigned'
  | 'number'
  | 'truth'
  | { list: Shape }
  | { map: Shape }
  | { struct: Record<string, Shape> };

const zeros = { text: '', integer: 0, unsigned: 0, number: 0, truth: false };
const fits: Record<keyof typeof zeros, (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string',
  integer: (value) => Number.isSafeInteger(value),
  unsigned: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  number: (value) => typeof value === 'number',
  truth: (value) => typeof value === 'boolean',
};

/** The value in the shape; throws at the first member of another type, naming its place. */
export function decoded(value: unknown, shape: Shape, place = ''): any {
  const none = value === null || value === undefined;
  if (typeof shape === 'string') {
    if (none) return zeros[shape];
    if (fits[shape](value)) return value;
    throw new Error(`cannot unmarshal ${JSON.stringify(value)} into ${place} of type ${shape}`);
  }
  if ('list' in shape) {
    if (none) return [];
    if (!Array.isArray(value)) throw new Error(`cannot unmarshal ${JSON.stringify(value)} into ${place}, a list`);
    return value.map((entry, at) => decoded(entry, shape.list, `${place}[${at}]`));
  }
  if (!none && (typeof value !== 'object' || Array.isArray(value))) {
    throw new Error(`cannot unmarshal ${JSON.stringify(value)} into ${place}, an object`);
  }
  const members = (value ?? {}) as Record<string, unknown>;
  const entries: [string, Shape][] =
    'map' in shape ? Object.keys(members).map((name) => [name, shape.map]) : Object.entries(shape.struct);
  return Object.fromEntries(
    entries.map(([name, inner]) => [name, decoded(members[name], inner, place ? `${place}.${name}` : name)]),
  );
}

/** A query as Go's url package writes it: keys in order, blanks as `+`. */
export const goQuery = (parameters: Record<string, string>): string =>
  Object.keys(parameters)
    .sort()
    .map((name) => `${goEscape(name)}=${goEscape(parameters[name] as string)}`)
    .join('&');

const goEscape = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

/** A time as Go's RFC 3339 parser takes it. */
export function goTime(text: string): Date {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text))
    throw new Error(`parsing time ${JSON.stringify(text)}`);
  return new Date(text);
}
