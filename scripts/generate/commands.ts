import type { Argument, CommandFacts, CommandTable, Flag, GroupFacts, Lookup } from '../../src/commands/client/commandTable';
import { surfaceOf } from '../../src/http/operationFacts';
import { answerFacts, propertiesOf, waitOf } from './commandAnswers';
import { exampleOf } from './commandExamples';
import { bodyFacts, firstSentence, queryFlags, withoutClashes } from './commandFlags';
import { type CommandName, commandNames, groupAliases } from './commandNames';
import { type Contract, operationsOf, type Parameter, type PlacedOperation, resolve, type Schema } from './contract';

/** The source of `generated/commands.json`: a command of `portolan` for each operation. */
export function commandTable(contract: Contract): CommandTable {
  const operations = operationsOf(contract);
  const names = commandNames(operations);
  const lookups = lookupsOf(contract, operations);
  const groups = new Map<string, GroupFacts>();
  for (const placed of operations) {
    const { group, verb } = names.get(placed.operation.operationId) as CommandName;
    const entry = groups.get(group) ?? groupFacts(contract, group, placed);
    groups.set(group, entry);
    entry.commands.push(commandFacts(contract, placed, `${group} ${verb}`, lookups));
  }
  refuseTakenGroups([...groups.values()]);
  return { version: contract.info.version, groups: [...groups.values()], lookups };
}

/** The table as JSON, one command a line: a change is to be read where it is. */
export function commandTableText({ groups, ...rest }: CommandTable): string {
  const lines = groups.map(({ commands, ...group }) => {
    const written = commands.map((command) => `   ${JSON.stringify(command)}`);
    return `  ${JSON.stringify(group).slice(0, -1)},"commands":[\n${written.join(',\n')}]}`;
  });
  return `${JSON.stringify(rest).slice(0, -1)},"groups":[\n${lines.join(',\n')}]}\n`;
}

/** Commands that are no client's. */
const local = ['serve', 'work', 'migrate', 'keys', 'import', 'login', 'logout', 'whoami', 'completion', 'help'];

function refuseTakenGroups(groups: GroupFacts[]): void {
  const taken = new Set(local);
  for (const name of groups.flatMap((group) => [group.name, ...group.aliases])) {
    if (taken.has(name)) throw new Error(`openapi.yaml: \`portolan ${name}\` would be two things; say x-command.`);
    taken.add(name);
  }
}

/** Groups that are called after no resource and no tag. */
const summaries: Record<string, string> = {
  cf: 'The surface in the manner of Cloud Foundry itself',
  uaa: 'The token service of the Cloud Foundry surface',
};

function groupFacts(contract: Contract, name: string, { operation, path }: PlacedOperation): GroupFacts {
  const tag = contract.tags?.find((one) => one.name === operation.tags[0])?.description ?? '';
  const noun = name
    .replace(/^cf-/, '')
    .replaceAll('-', ' ')
    .replace(/\bapi\b/, 'API');
  const own = name === operation.tags[0] || name === 'system';
  const dialect = surfaceOf(path) === 'v3' ? ', in the manner of Cloud Foundry' : '';
  const said = own ? firstSentence(tag) : `${noun.charAt(0).toUpperCase()}${noun.slice(1)}${dialect}`;
  return { name, aliases: groupAliases[name] ?? [], summary: summaries[name] ?? said.replace(/\.$/, ''), commands: [] };
}

function commandFacts(contract: Contract, placed: PlacedOperation, name: string, lookups: Record<string, Lookup>): CommandFacts {
  const { operation, method, path, parameters } = placed;
  const query = queryFlags(contract, placed);
  const body = bodyFacts(contract, placed);
  withoutClashes(query, body?.flags ?? []);
  const given = argumentsOf(placed, lookups);
  const environment = environmentFacts(given, query, lookups);
  const wait = waitOf(contract, placed);
  const base = (operation.servers ?? (contract.paths[path]?.servers as { url: string }[] | undefined))?.[0]?.url;
  const facts: Omit<CommandFacts, 'example'> = {
    operationId: operation.operationId,
    verb: name.split(' ')[1] as string,
    method: method.toUpperCase(),
    path,
    summary: operation.summary,
    description: operation.description?.trim() ?? '',
    arguments: given,
    ...(environment ? { environment } : {}),
    query,
    headers: parameters.filter((one) => one.in === 'header' && sentHeaders.includes(one.name)).map((one) => one.name),
    ...(body ? { body } : {}),
    answer: answerFacts(contract, placed),
    ...(wait ? { wait } : {}),
    ...(operation['x-permission'].role === 'public' ? { public: true } : {}),
    ...(operation['x-listener'] && base ? { base } : {}),
  };
  return { ...facts, example: exampleOf(contract, placed, name, facts, lookups) };
}

const sentHeaders = ['If-Match', 'If-None-Match', 'Idempotency-Key'];

/** How `--env` is used: as the environment of the path, as a filter, or to find other names. */
function environmentFacts(facts: Argument[], query: Flag[], lookups: Record<string, Lookup>): CommandFacts['environment'] {
  if (facts.some((one) => one.name === 'envId')) return { required: true };
  const filter = query.find((one) => ['environmentId', 'space_guids'].includes(one.place[0] as string))?.place[0];
  const names = facts.some((one) => one.lookup && lookups[one.lookup]?.environment);
  return filter || names ? { ...(filter ? { query: filter } : {}) } : undefined;
}

/** Path parameters in their order; the environment of a collection is `--env`. */
function argumentsOf({ path, parameters }: PlacedOperation, lookups: Record<string, Lookup>): Argument[] {
  const order = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  return order.map((name) => {
    const parameter = parameters.find((one) => one.in === 'path' && one.name === name) as Parameter;
    const noun = parameter['x-resource'] ?? name;
    const label = noun.replaceAll(' ', '-').toLowerCase();
    const help = firstSentence(parameter.description ?? '');
    const lookup = lookupKey(path, name, noun, lookups);
    return { name, label, help, ...(lookup ? { lookup } : {}) };
  });
}

/** The list that the parameter stands behind, else the one of its noun on the same surface. */
function lookupKey(path: string, name: string, noun: string, lookups: Record<string, Lookup>): string | undefined {
  const before = path.slice(0, path.indexOf(`/{${name}}`));
  const own = Object.keys(lookups).find((list) => list.replace('/environments/{envId}', '') === before);
  const ofNoun = ([list, lookup]: [string, Lookup]) => lookup.noun === noun && surfaceOf(list) === surfaceOf(path);
  return own ?? Object.entries(lookups).find(ofNoun)?.[0];
}

/** By the path of the list that is searched for a name; lists below another object than the environment are not. */
function lookupsOf(contract: Contract, operations: PlacedOperation[]): Record<string, Lookup> {
  const lookups: Record<string, Lookup> = {};
  for (const { method, path, parameters } of operations) {
    const noun = parameters.find((one) => one.in === 'path')?.['x-resource'];
    const base = /^(.*)\/\{\w+\}$/.exec(path)?.[1];
    if (method !== 'get' || !noun || !base || base.includes('{')) continue;
    const collections = [base, base.replace(/^\/api\//, '/api/environments/{envId}/')];
    const list = operations.find((other) => other.method === 'get' && collections.includes(other.path));
    const lookup = list && lookupOf(contract, list, noun);
    if (lookup) lookups[list.path] = lookup;
  }
  return lookups;
}

const nameMembers = ['name', 'key', 'email'];

function lookupOf(contract: Contract, list: PlacedOperation, noun: string): Lookup | undefined {
  const answer = answerFacts(contract, list);
  const items = answer.list && itemsOf(contract, list, answer.list);
  if (!items) return undefined;
  const properties = propertiesOf(contract, items);
  const members = nameMembers.filter((name) => properties[name]);
  const filters = list.parameters.filter((one) => one.in === 'query').map((one) => one.name);
  const filter = ['name', 'key', 'names', 'q'].find((name) => filters.includes(name));
  if (!filter || members.length === 0) return undefined;
  const environment = list.path.includes('{envId}') ? 'path' : filters.includes('space_guids') ? 'space_guids' : undefined;
  const id = properties.guid ? 'guid' : 'id';
  return { noun, list: answer.list as string, filter, members, id, ...(environment ? { environment } : {}) };
}

function itemsOf(contract: Contract, { operation }: PlacedOperation, member: string): Schema | undefined {
  const response = operation.responses['200'];
  const schema = response && resolve(contract, response).content?.['application/json']?.schema;
  const list = schema && resolve(contract, schema).properties?.[member];
  const items = list && resolve(contract, list).items;
  return items && resolve(contract, items);
}
