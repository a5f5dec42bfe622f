import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { BodyFacts, CommandFacts, Flag, Lookup } from './commandTable';
import { exitCodes } from './exitCodes';
import { idOf, isId } from './names';
import type { Outgoing, Service } from './service';
import { readStdinBytes } from './stdin';
import { CommandFailure, type Terminal } from './terminal';
import { bodyOf, fileBytes, type Given, typedValue } from './values';

/** What the person wrote behind a command. */
export interface Written {
  arguments: string[];
  /** By the flag, without its dashes. */
  flags: Record<string, Given | undefined>;
}

/** The request that a command line asks for. Names are looked up, so that this may ask the service. */
export async function outgoing(
  terminal: Terminal,
  service: Service,
  command: CommandFacts,
  lookups: Record<string, Lookup>,
  written: Written,
): Promise<Outgoing> {
  const body = await bodyText(terminal, command, written);
  const query = await queryOf(terminal, command, written);
  const environment = await environmentOf(service, command, lookups, written);
  if (command.environment?.query && environment && !query.has(command.environment.query)) {
    query.set(command.environment.query, encodeURIComponent(environment));
  }
  const path = await pathOf(service, command, lookups, written, environment);
  const search = [...query].map(([name, value]) => `${encodeURIComponent(name)}=${value}`).join('&');
  return {
    method: command.method,
    path: search ? `${path}?${search}` : path,
    headers: headersOf(command, written, body),
    body: body instanceof FormData ? body : body?.text,
    public: command.public,
    base: written.flags.url === undefined ? command.base : undefined,
    endless: command.answer.kind === 'events' || command.answer.kind === 'bytes',
  };
}

const usage = (message: string): CommandFailure => new CommandFailure(exitCodes.usage, message);

/** The id of the environment that `--env` names. */
async function environmentOf(
  service: Service,
  command: CommandFacts,
  lookups: Record<string, Lookup>,
  { arguments: values, flags }: Written,
): Promise<string | undefined> {
  if (flags.env === undefined) return undefined;
  const named = values.some((value, at) => !isId(value) && positional(command)[at]?.lookup !== undefined);
  const needed = command.environment?.required || command.environment?.query || named;
  return needed ? idOf(service, lookups, '/api/environments', String(flags.env)) : undefined;
}

const positional = (command: CommandFacts) => command.arguments.filter(({ name }) => name !== 'envId');

async function pathOf(
  service: Service,
  command: CommandFacts,
  lookups: Record<string, Lookup>,
  written: Written,
  environment: string | undefined,
): Promise<string> {
  let path = command.path;
  if (environment !== undefined) path = path.replace('{envId}', encodeURIComponent(environment));
  for (const [at, argument] of positional(command).entries()) {
    const value = written.arguments[at] as string;
    // URLs take dots, however they are written, as steps in the path.
    if (['', '.', '..'].includes(value)) throw usage(`<${argument.label}> cannot be "${value}".`);
    const id = argument.lookup === undefined ? value : await idOf(service, lookups, argument.lookup, value, environment);
    path = path.replace(`{${argument.name}}`, encodeURIComponent(id));
  }
  return path;
}

/** Values by parameter, encoded. Entries of a list are separated by plain commas, those inside an entry are encoded. */
async function queryOf(terminal: Terminal, command: CommandFacts, { flags }: Written): Promise<Map<string, string>> {
  const query = new Map<string, string>();
  for (const flag of command.query) {
    const given = flags[flag.flag];
    if (given === undefined) continue;
    const value = await typedValue(terminal, flag, given);
    const text = Array.isArray(value)
      ? value.map((entry) => encodeURIComponent(String(entry))).join(',')
      : encodeURIComponent(String(value));
    query.set(flag.place[0] as string, text);
  }
  for (const pair of (flags.param as string[] | undefined) ?? []) {
    const at = pair.indexOf('=');
    if (at < 1) throw usage('--param wants NAME=VALUE.');
    query.set(pair.slice(0, at), encodeURIComponent(pair.slice(at + 1)));
  }
  return query;
}

function headersOf(command: CommandFacts, { flags }: Written, body: FormData | BodyText | undefined): Record<string, string> {
  const headers: Record<string, string> = body && !(body instanceof FormData) ? { 'content-type': body.type } : {};
  for (const name of command.headers.map((one) => one.toLowerCase())) {
    const given = flags[name];
    if (given !== undefined) headers[name] = headerText(String(given), name);
  }
  // A try whose answer was lost is repeated with the same key, and done once.
  if (command.headers.includes('Idempotency-Key')) headers['idempotency-key'] ??= `cli-${randomUUID()}`;
  return headers;
}

function headerText(text: string, name: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) throw usage(`--${name} may hold printable ASCII characters only.`);
  return text;
}

interface BodyText {
  text: string;
  type: string;
}

async function bodyText(terminal: Terminal, { body }: CommandFacts, written: Written): Promise<FormData | BodyText | undefined> {
  if (!body) return undefined;
  if (body.media === 'multipart') return formOf(terminal, body, written);
  const value = await bodyValue(terminal, body, written);
  if (value === undefined) return undefined;
  if (body.media === 'json') return { text: JSON.stringify(value), type: 'application/json' };
  const members = Object.entries(value as object).map(([name, text]): [string, string] => [name, String(text)]);
  return { text: new URLSearchParams(members).toString(), type: 'application/x-www-form-urlencoded' };
}

/** `--body`, with what the flags say over it. */
async function bodyValue(terminal: Terminal, body: BodyFacts, { flags }: Written): Promise<unknown> {
  const whole = flags.body === undefined ? undefined : await bodyOf(terminal, String(flags.body), body.secret === true);
  let value = whole;
  for (const flag of body.flags) {
    const given = flags[flag.flag];
    if (given !== undefined) value = withMember(value, flag.place, await typedValue(terminal, flag, given));
  }
  for (const name of (flags.clear as string[] | undefined) ?? []) {
    const flag = body.flags.find((one) => one.flag === name);
    if (!flag) throw usage(`--clear knows no ${name}.`);
    value = withMember(value, flag.place, null);
  }
  if (whole === undefined) requireMembers(body, flags);
  return value ?? (body.required ? {} : undefined);
}

function withMember(value: unknown, place: string[], member: unknown): unknown {
  const [name, ...rest] = place;
  if (name === undefined) return member;
  const members = value && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  return { ...members, [name]: withMember(members[name], rest, member) };
}

function requireMembers(body: BodyFacts, flags: Written['flags']): void {
  const missing = body.flags.filter((flag) => flag.required && flags[flag.flag] === undefined);
  const names = missing.map((flag) => `--${flag.flag}`).join(', ');
  if (missing.length > 0 && (body.required || Object.keys(flags).length > 0)) throw usage(`Missing: ${names} (or --body).`);
}

async function formOf(terminal: Terminal, body: BodyFacts, { flags }: Written): Promise<FormData> {
  const form = new FormData();
  requireMembers(body, flags);
  for (const flag of body.flags) {
    const given = flags[flag.flag];
    if (given === undefined) continue;
    const name = flag.place.join('.');
    if (flag.type === 'file') form.append(name, ...(await filePart(terminal, flag, String(given))));
    else {
      const value = await typedValue(terminal, flag, given);
      form.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
    }
  }
  return form;
}

async function filePart(terminal: Terminal, flag: Flag, given: string): Promise<[Blob, string]> {
  if (given === '-') return [new Blob([new Uint8Array(await readStdinBytes(terminal, `--${flag.flag}`))]), 'stdin'];
  const path = given.replace(/^@/, '');
  return [new Blob([new Uint8Array(fileBytes(path, `--${flag.flag}`))]), basename(path)];
}
