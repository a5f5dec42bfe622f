import { Option } from 'commander';
import type { CommandFacts, Flag } from './commandTable';

/** The flags of a command as its help and completion show them. */

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

/** The options of a member or parameter, with what a person has to know of its type. */
export function optionsOf(flag: Flag): Option[] {
  const help = [flag.help, ...typeNotes(flag)].filter(Boolean).join(' ');
  if (flag.type === 'boolean') return [new Option(`--${flag.flag}`, help), new Option(`--no-${flag.flag}`).hideHelp()];
  const option = new Option(`--${flag.flag} <${placeholder(flag)}>`, help);
  return [flag.type === 'list' || flag.type === 'map' ? option.argParser(collect) : option];
}

function placeholder({ type, entries, secret, choices }: Flag): string {
  if (secret) return '@file|-';
  const few = choices?.join('|') ?? '';
  if (few && few.length <= 40) return few;
  const names = { text: 'text', boolean: '', list: entries ?? 'text', map: 'key=value', file: 'file' } as const;
  return names[type as keyof typeof names] ?? type;
}

function typeNotes(flag: Flag): string[] {
  const notes: string[] = [];
  if (flag.choices && placeholder(flag) !== flag.choices.join('|')) notes.push(`One of ${flag.choices.join(', ')}.`);
  if (flag.type === 'list' || flag.type === 'map') notes.push('Can be repeated.');
  if (flag.type === 'boolean') notes.push(`--no-${flag.flag} is false.`);
  if (flag.type === 'json') notes.push('JSON, or @file.');
  if (flag.default !== undefined)
    notes.push(`Default ${typeof flag.default === 'string' ? flag.default : JSON.stringify(flag.default)}.`);
  if (flag.required) notes.push('(required)');
  return notes;
}

/** Options that come from what kind of operation it is. */
export function sharedOptions({ environment, body, query, headers, answer, wait }: CommandFacts): Option[] {
  const options: Option[] = [];
  const add = (flags: string, help: string) => {
    const option = new Option(flags, help);
    options.push(option);
    return option;
  };
  if (environment) add('--env <name>', environmentHelp(environment)).makeOptionMandatory(environment.required === true);
  const nullable = body?.flags.filter((flag) => flag.nullable).map((flag) => flag.flag) ?? [];
  if (nullable.length > 0) add('--clear <flag>', `Set to null: ${nullable.join(', ')}. Can be repeated.`).argParser(collect);
  if (body && body.media !== 'multipart') {
    add(`--body <${body.secret ? '@file|-' : 'json|@file|-'}>`, 'The body as JSON; the other flags go over it.');
  }
  if (query.length > 0) add('--param <name=value>', 'Any other query parameter. Can be repeated.').argParser(collect);
  for (const name of headers) add(`--${name.toLowerCase()} <text>`, headerHelp[name] as string);
  if (wait) add('--wait', 'Wait for the end of what this begins, and show it.');
  if (answer.paging) add('--all', 'All pages.');
  if (answer.kind === 'events') add('--json', 'Print each event as JSON.');
  if (answer.kind === 'json' || wait) {
    add('--json', 'Print the answer as it is.');
    add('--query <jmespath>', 'Print what this JMESPath finds in the answer.');
    add('--columns <members>', 'Members to show in the table, separated by commas.');
  }
  if (answer.kind !== 'none' && answer.kind !== 'events') add('--output <file>', 'Write the answer to a file.');
  add('--url <url>', 'Where the service is; default PORTOLAN_URL, else the last login.');
  add('--timeout <seconds>', 'How long to wait for an answer. Default 60.');
  return options;
}

function environmentHelp({ required, query }: NonNullable<CommandFacts['environment']>): string {
  if (required) return 'Environment, by name or id. (required)';
  return query ? 'Only of this environment, by name or id.' : 'Environment that names are looked up in, by name or id.';
}

const headerHelp: Record<string, string> = {
  'If-Match': 'ETag that was seen; refused when the object was changed since.',
  'If-None-Match': 'ETag that is known; nothing is printed when it is still so.',
  'Idempotency-Key': 'Key under which a repetition is done once. Default: a new one for each command.',
};
