import type { BodyFacts, Flag, FlagType } from '../../src/commands/client/commandTable';
import { surfaceOf } from '../../src/http/operationFacts';
import { type Contract, componentName, type PlacedOperation, resolve, type Schema } from './contract';

/** Flags that every command or many of them have; a member that is called so gets another one. */
const reserved = [
  ...['help', 'version', 'url', 'timeout', 'env', 'json', 'query', 'columns', 'all', 'output', 'wait', 'body', 'clear', 'param'],
  ...['if-match', 'if-none-match', 'idempotency-key'],
];

export const kebab = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase();

/** The first sentence of a description, on one line. */
export function firstSentence(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return (/^.*?[.:](?= |$)/.exec(line)?.[0] ?? line).replace(/:$/, '.');
}

export function queryFlags(contract: Contract, { operation, parameters }: PlacedOperation): Flag[] {
  // A ticket stands for a credential, and this client has one.
  return parameters
    .filter((one) => one.in === 'query' && one.name !== 'ticket')
    .map((one) => {
      const flag = flagOf(contract, one.name, [one.name], one.schema, { description: one.description });
      const sortable = one.name === 'sort' || one.name === 'order_by' ? operation['x-sortable'] : undefined;
      if (sortable) flag.help = sortHelp(sortable, operation['x-default-sort']);
      if (one.required) flag.required = true;
      return flag;
    });
}

function sortHelp(sortable: string[], standard: string | undefined): string {
  const members = sortable.map((member) => member.replace(/^-/, '')).join(', ');
  return `Sort by ${members}; - in front for descending.${standard ? ` Without it: ${standard}.` : ''}`;
}

export function bodyFacts(contract: Contract, placed: PlacedOperation): BodyFacts | undefined {
  const content = placed.operation.requestBody?.content ?? {};
  const type = [...mediaTypes.keys()].find((one) => content[one]);
  if (!type) return undefined;
  const schema = content[type]?.schema as Schema;
  const resolved = resolve(contract, schema);
  const of = ofResource(contract, componentName(schema));
  const flags =
    resolved.type === 'array'
      ? [flagOf(contract, 'item', [], schema, { description: resolved.description as string })]
      : membersOf(contract, resolved, surfaceOf(placed.path) === 'v3').map(({ place, schema: member, required }) => {
          const description = member.description ?? of?.properties?.[place[0] as string]?.description;
          const flag = flagOf(contract, flagName(place), place, member, { description: description as string });
          return required ? { ...flag, required } : flag;
        });
  const secret = flags.some((flag) => flag.secret) || hasSecret(contract, resolved);
  return {
    required: placed.operation.requestBody?.required === true,
    media: mediaTypes.get(type) as BodyFacts['media'],
    ...(secret ? { secret } : {}),
    flags,
  };
}

const mediaTypes = new Map<string, BodyFacts['media']>([
  ['application/json', 'json'],
  ['application/x-www-form-urlencoded', 'form'],
  ['multipart/form-data', 'multipart'],
]);

/** `Registry` of `RegistryUpdate`: its members are described once. */
function ofResource(contract: Contract, name: string | undefined): Schema | undefined {
  const resource = /^(?:My)?([A-Z].*)(Create|Update)$/.exec(name ?? '')?.[1];
  return resource === undefined ? undefined : contract.components.schemas[resource];
}

interface Member {
  place: string[];
  schema: Schema;
  required: boolean;
}

/** The members of a body; `deep`: also those of the objects in it, which under /v3 only wrap what is meant. */
function membersOf(contract: Contract, schema: Schema, deep: boolean, around: string[] = [], must = true): Member[] {
  const required = (schema.required ?? []) as string[];
  return Object.entries(schema.properties ?? {}).flatMap(([name, written]) => {
    const member = resolve(contract, written);
    const place = [...around, name];
    const needed = must && required.includes(name);
    if (member.readOnly === true) return [];
    if (deep && member.properties) return membersOf(contract, member, deep, place, needed);
    return [{ place, schema: { ...member, ...described(written) }, required: needed }];
  });
}

const described = ({ description }: Schema) => (description === undefined ? {} : { description });

const wrappers = ['relationships', 'data', 'guid', 'metadata'];

/** `app` of `relationships.app.data.guid`. */
function flagName(place: string[]): string {
  const telling = place.filter((part) => !wrappers.includes(part));
  return (telling.length > 0 ? telling : place.slice(-1)).join('-');
}

const secretNames = /(password|secret|(^|[a-z_])token|private_?key)$/i;
/** A text that is sent and never shown; ids and choices may be write-only without being secret. */
const isSecret = (name: string, schema: Schema): boolean =>
  plainType(schema).type === 'text' &&
  schema.enum === undefined &&
  schema.format !== 'uuid' &&
  (schema.writeOnly === true || schema.format === 'password' || secretNames.test(name));

function hasSecret(contract: Contract, schema: Schema, depth = 0): boolean {
  if (depth > 6) return false;
  return Object.entries(schema.properties ?? {}).some(([name, written]) => {
    const member = resolve(contract, written);
    return isSecret(name, { ...member, ...written }) || hasSecret(contract, member, depth + 1);
  });
}

function flagOf(
  contract: Contract,
  name: string,
  place: string[],
  written: Schema,
  said: { description?: string | undefined },
): Flag {
  const { schema, nullable } = withoutNull(contract, written);
  const items = schema.items && resolve(contract, schema.items);
  const type = items ? listType(items) : plainType(schema).type;
  const choices = ((items ?? schema).enum as unknown[] | undefined)?.filter((one) => typeof one === 'string') as
    | string[]
    | undefined;
  const secret =
    isSecret(place[place.length - 1] ?? name, { ...schema, ...written }) || (type === 'json' && hasSecret(contract, schema));
  const entries = type === 'list' && items ? (plainType(items).type as 'text') : undefined;
  const help = [firstSentence(said.description ?? (schema.description as string) ?? ''), rangeOf(schema)]
    .filter(Boolean)
    .join(' ');
  return {
    flag: kebab(name),
    type,
    help,
    place,
    ...(choices?.length ? { choices } : {}),
    ...(schema.default === undefined ? {} : { default: schema.default }),
    ...(entries ? { entries } : {}),
    ...(type === 'list' && (items?.enum || items?.format) ? { commas: true } : {}),
    ...(secret ? { secret } : {}),
    ...(nullable ? { nullable } : {}),
  };
}

/** The schema of a value that may be null, without that null. */
function withoutNull(contract: Contract, written: Schema): { schema: Schema; nullable: boolean } {
  const schema = resolve(contract, written);
  const choices = ((schema.oneOf ?? schema.anyOf) as Schema[] | undefined)?.map((one) => resolve(contract, one));
  const values = choices?.filter((one) => one.type !== 'null');
  if (choices && values?.length === 1)
    return { schema: { ...values[0], ...described(schema) }, nullable: values.length < choices.length };
  return { schema, nullable: [schema.type].flat().includes('null') };
}

const listType = (items: Schema): FlagType => (['json', 'map'].includes(plainType(items).type) ? 'json' : 'list');

function plainType(schema: Schema): { type: FlagType } {
  if (schema.format === 'binary' || schema.contentMediaType !== undefined) return { type: 'file' };
  const type = [schema.type].flat().find((one) => one !== 'null');
  const isMap = type === 'object' && !schema.properties && typeof schema.additionalProperties === 'object';
  const texts = isMap && [(schema.additionalProperties as Schema).type].flat().includes('string');
  if (texts) return { type: 'map' };
  const plain: Record<string, FlagType> = { string: 'text', integer: 'integer', number: 'number', boolean: 'boolean' };
  return { type: plain[type ?? (schema.enum ? 'string' : '')] ?? 'json' };
}

function rangeOf({ minimum, maximum }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return `(${minimum} to ${maximum})`;
  return minimum === undefined ? '' : `(from ${minimum})`;
}

/** No two flags of a command are the same, and none is one that commands have anyway. */
export function withoutClashes(query: Flag[], body: Flag[]): void {
  const taken = new Set(reserved);
  const place = (flags: Flag[], prefix: string) => {
    for (const one of flags) {
      const full = kebab(one.place.join('-')) || one.flag;
      one.flag = [one.flag, full, `${prefix}-${full}`].find((name) => !taken.has(name)) as string;
      taken.add(one.flag);
      if (one.type === 'boolean') taken.add(`no-${one.flag}`);
    }
  };
  place(query, 'query');
  place(body, 'body');
}
