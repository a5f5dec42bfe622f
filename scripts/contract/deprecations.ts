import { isObject, isText, type JsonObject, type Path, pointerOf } from './findings';
import { buildContract, type Operation } from './model';
import { reachOf } from './reach';
import { allSchemas, layersOf } from './walk';

/** Something of the contract that clients should stop to use. */
export interface Deprecation {
  kind: 'operation' | 'parameter' | 'member';
  /** As people call it: `listBoats`, `offset`, `Boat.length`. */
  name: string;
  /** Dates as `2027-05-01`. */
  since: string;
  sunset: string;
  /** What to use instead. */
  successor: string;
  /** operationIds that it concerns. */
  operations: string[];
  at: Path;
}

export interface Marked {
  kind: Deprecation['kind'];
  name: string;
  node: JsonObject;
  at: Path;
  operations: string[];
}

/** Everything that is marked as deprecated, whole or not; in document order within its kind. */
export function markedAsDeprecated(root: JsonObject): Marked[] {
  const contract = buildContract(root);
  const ofOperations = contract.operations
    .filter(({ node }) => isMarked(node))
    .map(({ label, node, at }): Marked => ({ kind: 'operation', name: label, node, at, operations: [label] }));
  const parameters = new Map<string, Marked>();
  for (const { label, parameters: taken } of contract.operations) {
    for (const { name, node, at } of taken.filter((one) => isMarked(one.node))) {
      const key = pointerOf(at);
      const known = parameters.get(key) ?? { kind: 'parameter', name, node, at, operations: [] };
      parameters.set(key, { ...known, operations: [...known.operations, label] });
    }
  }
  const reach = reachOf(contract);
  const members = allSchemas(root)
    .filter(({ node }) => isMarked(node))
    .map(({ node, at }): Marked => {
      const owner = pointerOf(at.slice(0, 3));
      const reaching = contract.operations.filter((one) => reach.get(pointerOf(one.at))?.has(owner));
      return { kind: 'member', name: memberName(at), node, at, operations: reaching.map(({ label }) => label) };
    });
  return [...ofOperations, ...parameters.values(), ...members];
}

const isMarked = (node: JsonObject): boolean => node.deprecated === true;

/** `Boat.crew[].name` for what stands at components/schemas/Boat/properties/crew/items/properties/name. */
function memberName(at: Path): string {
  const [, section, name, ...rest] = at;
  const parts = section === 'schemas' ? rest : at;
  let text = section === 'schemas' ? (name as string) : '';
  for (let i = 0; i < parts.length; i++) {
    if (parts[i] === 'properties') text += `.${parts[++i]}`;
    else if (parts[i] === 'items') text += '[]';
  }
  return text;
}

const date = /^\d{4}-\d{2}-\d{2}$/;
const isDate = (value: unknown): value is string =>
  typeof value === 'string' && date.test(value) && new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value) === true;

/** What a mark lacks, in words; nothing for a whole one. */
export function lacking({ node }: Pick<Marked, 'node'>): string[] {
  const { 'x-deprecated-since': since, 'x-sunset': sunset, 'x-successor': successor } = node;
  const missing: string[] = [];
  if (!isDate(since)) missing.push('x-deprecated-since is no date such as 2026-11-01');
  if (!isDate(sunset)) missing.push('x-sunset is no date such as 2027-05-01');
  if (isDate(since) && isDate(sunset) && sunset <= since) missing.push('x-sunset is not after x-deprecated-since');
  if (!isText(successor)) missing.push('x-successor does not say what to use instead');
  return missing;
}

/** What is deprecated; marks that lack something are left to the check. */
export function deprecationsOf(root: JsonObject): Deprecation[] {
  return markedAsDeprecated(root)
    .filter((one) => lacking(one).length === 0)
    .map(({ kind, name, node, at, operations }) => ({
      kind,
      name,
      since: String(node['x-deprecated-since']),
      sunset: String(node['x-sunset']),
      successor: String(node['x-successor']).trim(),
      operations,
      at,
    }));
}

/** Operations whose requests can use something deprecated: their answers tell so by headers. */
export function tellsOfDeprecation(root: JsonObject, { node, parameters, body }: Operation): boolean {
  if (isMarked(node) || parameters.some((one) => isMarked(one.node))) return true;
  return body?.media.some(({ node: media, at }) => hasMarkedMember(root, media.schema, [...at, 'schema'])) ?? false;
}

function hasMarkedMember(root: JsonObject, schema: unknown, at: Path, seen = new Set<JsonObject>()): boolean {
  return layersOf(root, schema, at).some(({ node, at: place }) => {
    if (seen.has(node)) return false;
    seen.add(node);
    if (isMarked(node)) return true;
    const members = isObject(node.properties) ? Object.entries(node.properties) : [];
    const below = [
      ...members.map(([name, one]) => [one, [...place, 'properties', name]] as const),
      [node.items, [...place, 'items']] as const,
    ];
    return below.some(([one, where]) => hasMarkedMember(root, one, where, seen));
  });
}
