import { isObject, type JsonObject, type Path } from './findings';
import { entries, follow, type Located } from './model';

/** Keys below which every key is a name that the author chose, so that none of them is a keyword. */
export const nameMaps = new Set([
  ...['properties', 'patternProperties', 'dependentSchemas', '$defs', 'paths', 'responses', 'headers', 'content'],
  ...['parameters', 'schemas', 'requestBodies', 'securitySchemes', 'links', 'callbacks', 'pathItems', 'encoding', 'mapping'],
]);
/** Keys below which the document is data: what looks like a keyword there is none. */
export const dataKeys = new Set(['example', 'default', 'const', 'enum', 'value']);

/** Visits every object of the document that is not data, names included, with its place. */
export function walkDocument(root: JsonObject, visit: (node: JsonObject, at: Path) => void): void {
  descend(root, [], false, visit);
}

function descend(value: unknown, at: Path, isNameMap: boolean, visit: (node: JsonObject, at: Path) => void): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) descend(item, [...at, String(index)], false, visit);
    return;
  }
  if (!isObject(value)) return;
  if (!isNameMap) visit(value, at);
  for (const [key, child] of Object.entries(value)) {
    if (!isNameMap && (dataKeys.has(key) || key.startsWith('x-'))) continue;
    if (!isNameMap && key === 'examples') descendExamples(child, [...at, key], visit);
    else descend(child, [...at, key], !isNameMap && nameMaps.has(key), visit);
  }
}

/** Of `examples` only the map form holds document objects; the array form of JSON Schema is data. */
function descendExamples(value: unknown, at: Path, visit: (node: JsonObject, at: Path) => void): void {
  for (const [name, example] of entries(value)) visit(example, [...at, name]);
}

/** Objects that hold a schema: media types, parameters and headers. */
export function schemaCarriers(root: JsonObject): Located[] {
  const found: Located[] = [];
  walkDocument(root, (node, at) => {
    if (isCarrier(node, at)) found.push({ node, at });
  });
  return found;
}

/** A schema has no keyword `schema`, so whatever has that key carries one. */
const isCarrier = (node: JsonObject, at: Path) => isObject(node.schema) && at.length > 0;

/** Every schema that is written in the document, nested ones included; references are not followed. */
export function allSchemas(root: JsonObject): Located[] {
  const found: Located[] = [];
  const components = isObject(root.components) ? root.components : {};
  for (const [name, node] of entries(components.schemas)) collect(node, ['components', 'schemas', name], found);
  for (const { node, at } of schemaCarriers(root)) collect(node.schema, [...at, 'schema'], found);
  return found;
}

function collect(value: unknown, at: Path, into: Located[]): void {
  if (!isObject(value)) return;
  into.push({ node: value, at });
  for (const child of subschemas(value, at)) collect(child.node, child.at, into);
}

const single = [
  'items',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'contains',
  'not',
  'if',
  'then',
  'else',
];
const lists = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const maps = ['properties', 'patternProperties', 'dependentSchemas', '$defs'];

/** The schemas right below a schema. */
export function subschemas(schema: JsonObject, at: Path): Located[] {
  const found: Located[] = [];
  for (const key of single) if (isObject(schema[key])) found.push({ node: schema[key], at: [...at, key] });
  for (const key of lists) {
    const list = schema[key];
    if (!Array.isArray(list)) continue;
    for (const [index, node] of list.entries()) if (isObject(node)) found.push({ node, at: [...at, key, String(index)] });
  }
  for (const key of maps) for (const [name, node] of entries(schema[key])) found.push({ node, at: [...at, key, name] });
  return found;
}

/** The schemas that together describe one value: the schema, what it refers to, and its `allOf`, `oneOf`, `anyOf`. */
export function layersOf(root: JsonObject, value: unknown, at: Path, seen = new Set<JsonObject>()): Located[] {
  if (!isObject(value) || seen.has(value)) return [];
  seen.add(value);
  const layers: Located[] = [{ node: value, at }];
  if (typeof value.$ref === 'string') {
    const target = follow(root, value, at);
    if (target) layers.push(...layersOf(root, target.node, target.at, seen));
  }
  for (const key of ['allOf', 'oneOf', 'anyOf']) {
    const list = value[key];
    if (!Array.isArray(list)) continue;
    for (const [index, one] of list.entries()) layers.push(...layersOf(root, one, [...at, key, String(index)], seen));
  }
  return layers;
}

export const isObjectSchema = (schema: JsonObject): boolean =>
  schema.type === 'object' ||
  (Array.isArray(schema.type) && schema.type.includes('object')) ||
  (schema.type === undefined && isObject(schema.properties));
