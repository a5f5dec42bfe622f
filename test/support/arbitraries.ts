import fc from 'fast-check';
import type { OperationId } from '../../generated/operations';
import { bodySchemaOf, factsOf, parametersOf, resolve, type Schema } from './contract';
import { define, hostileName, hostileText, hostileValue } from './hostile';
import { acceptableBody, nameOfMember, type Objects, referenceOf } from './objects';

/** Requests made from the contract: bodies and queries that its schemas allow, and such as they do not. */

interface Place {
  operationId: OperationId;
  objects: Objects;
  member: string;
  depth: number;
}

type Any = fc.Arbitrary<unknown>;

/** A value that a schema allows. Rules that span members are not known here. */
function fromSchema(given: Schema, place: Place): Any {
  const schema = resolve(given);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...(schema.enum as unknown[]));
  const branches = (schema.oneOf ?? schema.anyOf) as Schema[] | undefined;
  if (branches) return fc.oneof(...branches.map((branch) => fromSchema(merged(schema, resolve(branch)), place)));
  if (schema.allOf)
    return fromSchema(
      (schema.allOf as Schema[]).reduce((all, part) => merged(all, resolve(part)), { ...schema, allOf: undefined }),
      place,
    );
  const types = [schema.type ?? (schema.properties ? 'object' : 'string')].flat();
  return fc.oneof(...types.map((type) => ofType(type, schema, place)));
}

/** A schema and one of its branches as one. */
function merged(schema: Schema, branch: Schema): Schema {
  const { oneOf: _one, anyOf: _any, ...base } = schema;
  return {
    ...base,
    ...branch,
    ...(base.properties || branch.properties ? { properties: { ...base.properties, ...branch.properties } } : {}),
    required: [...(base.required ?? []), ...(branch.required ?? [])],
  };
}

function ofType(type: string, schema: Schema, place: Place): Any {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return numbers(type, schema);
    case 'array':
      return arrays(schema, place);
    case 'object':
      return objectsOf(schema, place);
    default:
      return texts(schema, place);
  }
}

function numbers(type: string, { minimum = -1000, maximum = 1_000_000, ...rest }: Schema): Any {
  const least = Math.ceil((rest.exclusiveMinimum as number | undefined) ?? (minimum as number));
  const most = Math.floor((rest.exclusiveMaximum as number | undefined) ?? (maximum as number));
  const whole = fc.integer({ min: least, max: most });
  return fc.oneof(
    whole,
    fc.constantFrom(least, most),
    ...(type === 'number' ? [fc.double({ min: least, max: most, noNaN: true })] : []),
  );
}

function texts(schema: Schema, place: Place): Any {
  const known = referenceOf(place.operationId, place.member, place.objects);
  // Under /v3 a reference may be any text.
  if (known && factsOf(place.operationId).surface === 'v3')
    return fc.oneof(fc.constant(known), fc.uuid({ version: 7 }), hostileText);
  if (schema.format === 'uuid') return known ? fc.oneof(fc.constant(known), fc.uuid({ version: 7 })) : fc.uuid({ version: 7 });
  if (schema.format === 'date-time')
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }).map((date) => date.toISOString());
  const minLength = (schema.minLength as number | undefined) ?? 0;
  const maxLength = Math.min((schema.maxLength as number | undefined) ?? 40, minLength + 40);
  if (schema.pattern) {
    return fc
      .stringMatching(new RegExp(schema.pattern as string, 'u'), { size: 'xsmall' })
      .filter((text) => text.length <= ((schema.maxLength as number | undefined) ?? 1000));
  }
  return fc.oneof(
    fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-'), minLength, maxLength }),
    fc.string({ unit: 'grapheme', minLength, maxLength }).filter((text) => [...text].length <= maxLength),
    ...(schema.maxLength ? [fc.constant('é'.repeat(schema.maxLength as number))] : []),
  );
}

function arrays(schema: Schema, place: Place): Any {
  const minLength = (schema.minItems as number | undefined) ?? 0;
  const maxLength = Math.min((schema.maxItems as number | undefined) ?? 4, minLength + 4);
  const items = schema.items ? fromSchema(schema.items, { ...place, depth: place.depth + 1 }) : fc.jsonValue();
  return schema.uniqueItems
    ? fc.uniqueArray(items, { minLength, maxLength, selector: (entry) => JSON.stringify(entry) })
    : fc.array(items, { minLength, maxLength });
}

function objectsOf(schema: Schema, place: Place): Any {
  const properties = Object.entries(schema.properties ?? {});
  const required = new Set(schema.required ?? []);
  if (place.depth > 4) return fc.constant({});
  const inside = (member: string): Place => ({
    ...place,
    member: nameOfMember(place.operationId, place.member, member),
    depth: place.depth + 1,
  });
  if (properties.length > 0) {
    const model = Object.fromEntries(properties.map(([name, member]) => [name, fromSchema(member, inside(name))]));
    return fc.record(model, { requiredKeys: properties.map(([name]) => name).filter((name) => required.has(name)) });
  }
  const names = schema.propertyNames as Schema | undefined;
  const name = names
    ? (texts({ minLength: 1, ...names }, inside('')) as fc.Arbitrary<string>)
    : fc.string({ minLength: 1, maxLength: 12 });
  const values = schema.additionalProperties;
  return fc.dictionary(name, values && typeof values === 'object' ? fromSchema(values, inside('')) : fc.string(), { maxKeys: 4 });
}

/** The contract's example with some members made anew, or a body made from the schema alone. */
export function validBody(operationId: OperationId, objects: Objects): Any {
  const schema = bodySchemaOf(operationId);
  if (!schema) return fc.constant(undefined);
  const made = fromSchema(schema, { operationId, objects, member: '', depth: 0 });
  const example = acceptableBody(operationId, objects);
  if (!example || typeof example !== 'object' || Array.isArray(example)) return fc.oneof(made, fc.constant(example));
  const mixed = fc.tuple(made, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 })).map(([body, keep]) => {
    const members = Object.entries(body as object).filter((_, index) => keep[index % 30]);
    return { ...(example as object), ...Object.fromEntries(members) };
  });
  return fc.oneof(mixed, made);
}

/** A body with a wrong value somewhere, a member too many or too few; or no body that the contract knows. */
export function invalidBody(operationId: OperationId, objects: Objects): Any {
  const spoilt = fc
    .tuple(
      validBody(operationId, objects),
      fc.array(fc.nat(50), { minLength: 4, maxLength: 4 }),
      fc.constantFrom('replace', 'add', 'drop'),
      hostileName,
      hostileValue,
    )
    .map(([body, way, deed, name, value]) => spoil(structuredClone(body), way, deed, name, value));
  return fc.oneof({ weight: 4, arbitrary: spoilt }, { weight: 1, arbitrary: hostileValue });
}

/** Walks into a body by numbers, and does one deed where it ends. */
function spoil(body: unknown, way: number[], deed: string, name: string, value: unknown): unknown {
  if (!body || typeof body !== 'object') return value;
  let at: object = body;
  for (const step of way) {
    const names = Object.keys(at);
    const next =
      names.length > 0 && step % 3 > 0 ? (at as Record<string, unknown>)[names[step % names.length] as string] : undefined;
    if (!next || typeof next !== 'object') break;
    at = next;
  }
  const names = Object.keys(at);
  const chosen = names[(way[3] as number) % Math.max(1, names.length)];
  if (deed === 'add' || chosen === undefined) define(at, name, value);
  else if (deed === 'replace') define(at, chosen, value);
  else delete (at as Record<string, unknown>)[chosen];
  return body;
}

const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

/** A raw query that the contract allows. */
export function validQuery(operationId: OperationId, objects: Objects): fc.Arbitrary<string> {
  const { sortable = [] } = factsOf(operationId);
  const parts = parametersOf(operationId, 'query').map(({ name, schema }): fc.Arbitrary<string> => {
    if (name === 'sort') {
      if (sortable.length === 0) return fc.constant('');
      const keys = fc.uniqueArray(fc.constantFrom(...sortable), { minLength: 1, maxLength: 3 });
      return fc
        .tuple(keys, fc.boolean())
        .map(([members, down]) => `sort=${members.map((member) => (down ? '-' : '') + member).join(',')}`);
    }
    if (name === 'cursor') return fc.constant('');
    const value = fromSchema(schema, { operationId, objects, member: name, depth: 0 });
    return value.map(
      (made) => `${name}=${Array.isArray(made) ? made.map((entry) => encode(String(entry))).join(',') : encode(String(made))}`,
    );
  });
  return fc
    .tuple(fc.tuple(...parts), fc.array(fc.boolean(), { minLength: parts.length, maxLength: parts.length }))
    .map(([made, keep]) => made.filter((part, index) => part !== '' && keep[index]).join('&'));
}

const brokenParts = [
  '%zz',
  '=',
  '&&',
  'limit',
  'limit=',
  'limit=0',
  'limit=1001',
  'limit=abc',
  'limit=1&limit=2',
  'cursor=e30',
  'cursor=%00',
  'offset=-1',
  'offset=1e3',
  'sort=',
  'sort=,',
  'sort=id',
  'q=%00',
  'q=%',
  'a[b]=c',
  '__proto__=x',
  'constructor=x',
  'q=%ff',
  'q=+%2B+',
  'name=,',
  'name=a,,b',
];

/** A raw query that the contract does not allow, or only just. */
export function invalidQuery(operationId: OperationId, objects: Objects): fc.Arbitrary<string> {
  const names = [...parametersOf(operationId, 'query').map(({ name }) => name), 'zzUnheardOf'];
  const hostile = fc.tuple(fc.constantFrom(...names), hostileText).map(([name, text]) => `${name}=${encode(text)}`);
  const extra = fc.oneof(hostile, fc.constantFrom(...brokenParts));
  return fc.tuple(validQuery(operationId, objects), extra).map(([query, part]) => [query, part].filter(Boolean).join('&'));
}
