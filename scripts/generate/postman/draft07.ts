import type { Contract, Schema } from '../contract';

/**
 * Schemas of OpenAPI 3.1 in the dialect of Postman's tests, which is draft-07: only what says something about an answer
 * stays, and each test brings the components that its schema refers to.
 */

const kept = new Set([
  ...['type', 'enum', 'const', 'properties', 'patternProperties', 'required', 'items', 'additionalProperties'],
  ...['oneOf', 'anyOf', 'allOf', 'not', 'if', 'then', 'else', 'propertyNames', 'contains'],
  ...['pattern', 'format', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties'],
]);
const formats = new Set(['uuid', 'date-time', 'date', 'email', 'uri']);
const names = new Set(['properties', 'patternProperties']);
const data = new Set(['enum', 'const', 'required', 'type']);

/** The schema with everything that it refers to. */
export function draft07(contract: Contract, schema: Schema): unknown {
  const definitions: Record<string, unknown> = {};
  const add = (name: string) => {
    if (name in definitions) return;
    definitions[name] = true;
    definitions[name] = converted(contract.components.schemas[name] as Schema, add);
  };
  const root = converted(schema, add) as object;
  return Object.keys(definitions).length > 0 ? { ...root, definitions } : root;
}

function converted(value: unknown, refer: (name: string) => void): unknown {
  if (Array.isArray(value)) return value.map((one) => converted(one, refer));
  if (!value || typeof value !== 'object') return value;
  const schema = value as Schema;
  const rest = Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword, held]) => kept.has(keyword) && (keyword !== 'format' || formats.has(held as string)))
      .map(([keyword, held]) => [keyword, keywordValue(keyword, held, refer)]),
  );
  if (schema.$ref === undefined) return rest;
  const name = schema.$ref.split('/').at(-1) as string;
  refer(name);
  const $ref = `#/definitions/${name}`;
  // What stands beside a reference counts in 3.1, and is passed over in draft-07.
  return Object.keys(rest).length > 0 ? { allOf: [{ $ref }, rest] } : { $ref };
}

function keywordValue(keyword: string, held: unknown, refer: (name: string) => void): unknown {
  if (data.has(keyword)) return held;
  if (!names.has(keyword)) return converted(held, refer);
  return Object.fromEntries(Object.entries(held as object).map(([name, one]) => [name, converted(one, refer)]));
}
