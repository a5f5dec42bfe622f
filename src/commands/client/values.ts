import { readFileSync } from 'node:fs';
import type { Flag } from './commandTable';
import { exitCodes } from './exitCodes';
import { readHidden, readStdin } from './stdin';
import { CommandFailure, type Terminal } from './terminal';

/** Values of flags as the contract wants them. */

const usage = (message: string): CommandFailure => new CommandFailure(exitCodes.usage, message);

/** What a flag was given: a text, several, or a boolean. */
export type Given = string | string[] | boolean;

/** The value of a flag, typed. Texts may be `@file` or `-`; secrets must be. */
export async function typedValue(terminal: Terminal, flag: Flag, given: Given): Promise<unknown> {
  if (typeof given === 'boolean') return given;
  if (Array.isArray(given)) return flag.type === 'map' ? mapOf(flag, given) : listOf(flag, given);
  switch (flag.type) {
    case 'integer':
    case 'number':
      return numberOf(flag, given, flag.type === 'integer');
    case 'json':
      return jsonOf(await textOf(terminal, flag, given), `--${flag.flag}`);
    case 'text':
      return chosen(flag, flag.choices ? given : await textOf(terminal, flag, given));
    default:
      return given;
  }
}

function chosen(flag: Flag, value: string): string {
  if (flag.choices && !flag.choices.includes(value)) {
    throw usage(`--${flag.flag} must be one of ${flag.choices.join(', ')}.`);
  }
  return value;
}

function numberOf(flag: Flag, text: string, whole: boolean): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || (whole && !Number.isSafeInteger(value))) {
    throw usage(`--${flag.flag} must be a ${whole ? 'whole ' : ''}number.`);
  }
  return value;
}

function listOf(flag: Flag, given: string[]): unknown[] {
  const [first = ''] = given;
  if (given.length === 1 && first.startsWith('[')) return arrayOf(flag, first);
  const entries = flag.commas ? given.flatMap((one) => one.split(',')) : given;
  return entries.map((entry) =>
    flag.entries === 'integer' || flag.entries === 'number'
      ? numberOf(flag, entry, flag.entries === 'integer')
      : chosen(flag, entry),
  );
}

function arrayOf(flag: Flag, text: string): unknown[] {
  const value = jsonOf(text, `--${flag.flag}`);
  if (!Array.isArray(value)) throw usage(`--${flag.flag} must be a JSON array, or given once for each entry.`);
  return value;
}

function mapOf(flag: Flag, given: string[]): unknown {
  const [first = ''] = given;
  if (given.length === 1 && first.startsWith('{')) return jsonOf(first, `--${flag.flag}`);
  const entries = given.map((entry): [string, string] => {
    const at = entry.indexOf('=');
    if (at < 1) throw usage(`--${flag.flag} wants KEY=VALUE, or one JSON object.`);
    return [entry.slice(0, at), entry.slice(at + 1)];
  });
  return Object.fromEntries(entries);
}

export function jsonOf(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The message of the parser quotes the text, which may be a secret.
    const at = /position (\d+)/.exec((error as Error).message)?.[1];
    throw usage(`${name} is no JSON${at === undefined ? '' : ` (position ${at})`}.`);
  }
}

/** `@file`, `-` for the standard input, or the text itself; `@@x` is the text `@x`. */
async function textOf(terminal: Terminal, flag: Flag, given: string): Promise<string> {
  const name = `--${flag.flag}`;
  if (flag.secret) return secretOf(terminal, name, given);
  if (given === '-') return readStdin(terminal, name);
  if (given.startsWith('@@')) return given.slice(1);
  return given.startsWith('@') ? fileText(given.slice(1), name) : given;
}

/** A secret from a file, the standard input or a prompt: arguments are for every process of the machine to read. */
export async function secretOf(terminal: Terminal, name: string, given: string): Promise<string> {
  if (given.startsWith('@')) return withoutLineEnd(fileText(given.slice(1), name));
  // An empty one takes the present one away, and is no secret.
  if (given === '') return given;
  if (given !== '-') {
    throw usage(`${name} is a secret: give it as @file, or as - for the standard input. An argument is seen by others.`);
  }
  return terminal.stdin.isTTY ? readHidden(terminal, `${name.slice(2)}: `) : withoutLineEnd(await readStdin(terminal, name));
}

/** A line without its end; several lines as they are. */
const withoutLineEnd = (text: string): string => (/^[^\n]*\r?\n$/.test(text) ? text.replace(/\r?\n$/, '') : text);

export function fileText(path: string, name: string): string {
  return fileBytes(path, name).toString('utf8');
}

export function fileBytes(path: string, name: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw usage(`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** The body as a whole: `@file`, `-`, or JSON where no secret can be in it. */
export async function bodyOf(terminal: Terminal, given: string, secret: boolean): Promise<unknown> {
  if (secret && given !== '-' && !given.startsWith('@')) {
    throw usage('--body can hold secrets here: give it as @file, or as - for the standard input.');
  }
  const text =
    given === '-' ? await readStdin(terminal, '--body') : given.startsWith('@') ? fileText(given.slice(1), '--body') : given;
  return jsonOf(text, '--body');
}
