import type { CommandFacts, Flag, Lookup } from '../../src/commands/client/commandTable';
import { type Contract, operationsOf, type PlacedOperation, resolve } from './contract';

/** A command line that a person could type, from the examples of the contract. */
export function exampleOf(
  contract: Contract,
  placed: PlacedOperation,
  name: string,
  facts: Omit<CommandFacts, 'example'>,
  lookups: Record<string, Lookup>,
): string {
  const words = ['portolan', name];
  let environment = false;
  for (const argument of facts.arguments) {
    if (argument.name === 'envId') environment = true;
    else {
      const lookup = argument.lookup === undefined ? undefined : lookups[argument.lookup];
      words.push(
        quoted(
          exampleName(contract, argument.lookup, lookup) ?? exampleParameter(placed, argument.name) ?? `<${argument.label}>`,
        ),
      );
      if (lookup?.environment) environment = true;
    }
  }
  if (environment) words.push('--env prod');
  for (const flag of facts.query.filter((one) => one.required))
    words.push(`--${flag.flag} ${quoted(String(flag.choices?.[0] ?? 'value'))}`);
  words.push(...bodyWords(placed, facts));
  return words.join(' ');
}

const exampleParameter = ({ parameters }: PlacedOperation, name: string): string | undefined => {
  const parameter = parameters.find((one) => one.in === 'path' && one.name === name);
  return parameter?.example === undefined ? undefined : String(parameter.example);
};

/** What the example of a list calls its first object. */
function exampleName(contract: Contract, path: string | undefined, lookup: Lookup | undefined): string | undefined {
  const list = lookup && operationsOf(contract).find((one) => one.path === path && one.method === 'get');
  const response = list?.operation.responses['200'];
  const example = response && (resolve(contract, response).content?.['application/json']?.example as any);
  const first = lookup && example?.[lookup.list]?.[0];
  return first && lookup.members.map((member) => first[member]).find((value) => typeof value === 'string');
}

function bodyWords({ operation }: PlacedOperation, { body, method }: Omit<CommandFacts, 'example'>): string[] {
  const media = body && Object.values(operation.requestBody?.content ?? {})[0];
  if (!body || !media) return [];
  const example = media.example ?? Object.values(media.examples ?? {})[0]?.value;
  const given = body.flags.map((flag) => ({ flag, value: valueAt(example, flag.place) })).filter(({ value }) => value != null);
  const most = method === 'PATCH' ? 2 : 3;
  const optional = given.filter(({ flag }) => !flag.required).slice(0, most);
  return given.filter((one) => one.flag.required || optional.includes(one)).flatMap(({ flag, value }) => written(flag, value));
}

const valueAt = (value: any, place: string[]): any => place.reduce((at, part) => at?.[part], value);

function written(flag: Flag, value: any): string[] {
  if (flag.secret || flag.type === 'file') return [`--${flag.flag} @${flag.flag}.${flag.type === 'json' ? 'json' : 'txt'}`];
  if (flag.type === 'boolean') return [`--${value ? '' : 'no-'}${flag.flag}`];
  if (flag.type === 'list') return (value as unknown[]).map((entry) => `--${flag.flag} ${quoted(String(entry))}`);
  if (flag.type === 'map' && Object.values(value).every((one) => typeof one === 'string'))
    return Object.entries(value).map(([key, text]) => `--${flag.flag} ${quoted(`${key}=${text}`)}`);
  return [`--${flag.flag} ${quoted(typeof value === 'string' ? value.replace(/^@/, '@@') : JSON.stringify(value))}`];
}

const quoted = (text: string): string => (/^[\w@%+=:,./<>-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
