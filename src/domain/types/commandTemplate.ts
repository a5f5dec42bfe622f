import { closest, distance } from 'fastest-levenshtein';
import type { Issue } from '../errors';

/** Plain text, or a value that is put in later. `placeholder` is what stands between the braces: `host`, `yamlFile:password`. */
export type TemplatePart = { text: string } | { placeholder: string; position: number };

/** A command split into words, before any value is known. */
export interface CommandTemplate {
  /** Leading `NAME=value` words. */
  env: { name: string; parts: TemplatePart[] }[];
  /** The program and its arguments. */
  words: TemplatePart[][];
  stdin?: TemplatePart[];
  stdout?: TemplatePart[];
}

/** Why a text is no command; `position` counts characters from 1. */
export interface TemplateFault {
  position: number;
  message: string;
  hint: string;
}

/** What a check needs to know of a connection field. */
export interface TemplateField {
  name: string;
  type: 'text' | 'number' | 'password';
}

/** Placeholders that stand for something else than a connection field. */
export const reservedPlaceholders: readonly string[] = ['outputFile', 'inputFile', 'sslMode'];

const yamlFilePrefix = 'yamlFile:';
const noShell = 'The command runs without a shell; quote the sign if it belongs to an argument.';
const quoteIt = 'Quote it if it belongs to an argument; Portolan expands only {{field}}.';

/** Thrown where a text stops being a command, and caught by parseCommandTemplate. */
class Unreadable extends Error {
  constructor(readonly fault: TemplateFault) {
    super(fault.message);
  }
}

function refuse(position: number, message: string, hint: string): never {
  throw new Unreadable({ position, message, hint });
}

/** Splits a command into words as a POSIX shell would, refusing whatever only a shell could do. */
export function parseCommandTemplate(text: string): { value: CommandTemplate } | { fault: TemplateFault } {
  try {
    return { value: assemble(tokensOf(text), text.length + 1) };
  } catch (error) {
    if (error instanceof Unreadable) return { fault: error.fault };
    throw error;
  }
}

interface Word {
  kind: 'word';
  position: number;
  parts: TemplatePart[];
  /** NAME of an unquoted `NAME=` at the start of the word. */
  assigns: string | undefined;
}

interface Redirection {
  kind: '<' | '>';
  position: number;
}

type Token = Word | Redirection;

const streams = { '<': 'stdin', '>': 'stdout' } as const;

/** Sorts tokens into environment, words and redirections. */
function assemble(tokens: readonly Token[], end: number): CommandTemplate {
  const template: CommandTemplate = { env: [], words: [] };
  let redirection: Redirection | undefined;
  for (const token of tokens) {
    if (token.kind !== 'word') {
      if (redirection) refuseFileless(redirection);
      const hint = 'A command reads one file and writes one file.';
      if (template[streams[token.kind]]) refuse(token.position, `"${token.kind}" stands twice.`, hint);
      redirection = token;
    } else if (redirection) {
      template[streams[redirection.kind]] = token.parts;
      redirection = undefined;
    } else if (template.stdin || template.stdout) {
      refuse(token.position, 'An argument follows a redirection.', 'Put "<" and ">" with their files at the end.');
    } else if (token.assigns !== undefined && template.words.length === 0) {
      template.env.push({ name: token.assigns, parts: withoutStart(token.parts, token.assigns.length + 1) });
    } else {
      template.words.push(token.parts);
    }
  }
  if (redirection) refuseFileless(redirection);
  if (template.words.length === 0) refuse(end, 'The command names no program.', 'Write the program after the NAME=value words.');
  return template;
}

const refuseFileless = ({ kind, position }: Redirection): never =>
  refuse(position, `"${kind}" names no file.`, 'Write the file after it.');

function withoutStart(parts: readonly TemplatePart[], length: number): TemplatePart[] {
  const [first, ...rest] = parts;
  const text = first && 'text' in first ? first.text.slice(length) : '';
  return text === '' ? rest : [{ text }, ...rest];
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const nul = text.indexOf('\0');
  if (nul >= 0) refuse(nul + 1, 'A NUL character is refused.', 'Remove it.');
  // Line breaks around it come from heredocs and make no second command.
  const source = text.trimEnd();
  let at = source.length - source.trimStart().length;
  while (at < source.length) {
    const character = source.charAt(at);
    if (character === ' ' || character === '\t') {
      at++;
    } else if (source.startsWith('\\\n', at)) {
      at += 2;
    } else if (character === '<' || character === '>') {
      checkRedirection(source, at);
      tokens.push({ kind: character, position: at + 1 });
      at++;
    } else {
      const word = readWord(source, at);
      tokens.push(word.token);
      at = word.end;
    }
  }
  return tokens;
}

function checkRedirection(source: string, at: number): void {
  const isNumbered = /(?:^|[ \t])\d+$/.test(source.slice(0, at));
  if (isNumbered || /[<>&|(]/.test(source[at + 1] ?? '')) {
    const operator = source.slice(at, at + 2).trimEnd();
    refuse(at + 1, `"${isNumbered ? source[at] : operator}" at this place is refused.`, 'Only "> file" and "< file" redirect.');
  }
}

/** Where the reading of a word stands. */
interface Reader {
  source: string;
  at: number;
  parts: TemplatePart[];
}

function readWord(source: string, start: number): { token: Word; end: number } {
  const reader: Reader = { source, at: start, parts: [] };
  if (/[~#]/.test(source.charAt(start))) refuse(start + 1, `"${source[start]}" at the start of a word is refused.`, quoteIt);
  while (reader.at < source.length && !/[ \t<>]/.test(source.charAt(reader.at))) readPiece(reader);
  // Quotes or a backslash in the name keep it from being an assignment, as in a shell.
  const assigns = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(source.slice(start))?.[1];
  return { token: { kind: 'word', position: start + 1, parts: reader.parts, assigns }, end: reader.at };
}

/** Reads one character, placeholder or quoted run outside of quotes. */
function readPiece(reader: Reader): void {
  const { source, at } = reader;
  const character = source.charAt(at);
  if (source.startsWith('{{', at)) {
    readPlaceholder(reader);
  } else if (character === "'" || character === '"') {
    readQuoted(reader, character);
  } else if (character === '\\') {
    const next = source[at + 1];
    if (next === undefined) refuse(at + 1, 'The command ends in a backslash.', 'Write "\\\\" for a backslash itself.');
    if (next !== '\n') append(reader, next);
    reader.at += 2;
  } else {
    checkUnquoted(character, at + 1);
    checkExpansion(source, at);
    append(reader, character);
    reader.at++;
  }
}

function checkUnquoted(character: string, position: number): void {
  const onePerTemplate = 'A line break is refused: a template is one command.';
  if (/[\r\n]/.test(character)) refuse(position, onePerTemplate, 'End the line with a backslash to continue it.');
  if (/[|;&()]/.test(character)) refuse(position, `"${character}" is refused.`, noShell);
  if (/[*?[]/.test(character)) refuse(position, `The glob "${character}" is refused.`, quoteIt);
}

/** Double quotes leave the backslash and the dollar their meaning, single quotes leave nothing. */
function readQuoted(reader: Reader, quote: string): void {
  const { source } = reader;
  const start = reader.at++;
  append(reader, '');
  while (source[reader.at] !== quote) {
    const character = source[reader.at];
    const next = source[reader.at + 1];
    if (character === undefined)
      refuse(start + 1, `The quote ${quote} is not closed.`, `Close it, or write \\${quote} for the sign itself.`);
    if (source.startsWith('{{', reader.at)) {
      readPlaceholder(reader);
    } else if (quote === '"' && character === '\\' && next !== undefined && '$`"\\\n'.includes(next)) {
      if (next !== '\n') append(reader, next);
      reader.at += 2;
    } else {
      if (quote === '"') checkExpansion(source, reader.at);
      append(reader, character);
      reader.at++;
    }
  }
  reader.at++;
}

/** Refuses what a shell would replace, outside of single quotes. */
function checkExpansion(source: string, at: number): void {
  if (source[at] === '`') refuse(at + 1, 'A backquote is refused.', noShell);
  const expansion = /^\$(?:[({@*#?!$-]|\w+)/.exec(source.slice(at, at + 100))?.[0];
  if (expansion !== undefined) {
    refuse(at + 1, `"${expansion}" is refused.`, 'Use {{field}} for values, and single quotes for a plain "$".');
  }
}

function readPlaceholder(reader: Reader): void {
  const { source, at } = reader;
  const close = source.indexOf('}}', at);
  if (close < 0) refuse(at + 1, '"{{" is not closed.', 'Close it with "}}", or write "\\{\\{" for the signs themselves.');
  const name = source.slice(at + 2, close).trim();
  if (!/^[A-Za-z]\w*(?::[A-Za-z]\w*)?$/.test(name)) {
    refuse(at + 1, `"{{${name}}}" is no placeholder.`, 'Write the name of a connection field, such as {{host}}.');
  }
  reader.parts.push({ placeholder: name, position: at + 1 });
  reader.at = close + 2;
}

function append(reader: Reader, text: string): void {
  const last = reader.parts.at(-1);
  if (last && 'text' in last) last.text += text;
  else reader.parts.push({ text });
}

/**
 * Checks a command against the fields of its database type: it must be readable, use known placeholders only, and keep
 * passwords out of the arguments, since every user of a host sees those in its process list.
 * @param field path of the command in the request, such as `backupCommand`
 */
export function checkCommandTemplate(
  text: string,
  { fields, field }: { fields: readonly TemplateField[]; field: string },
): Issue[] {
  const parsed = parseCommandTemplate(text);
  if ('fault' in parsed) {
    const { position, message, hint } = parsed.fault;
    return [{ in: 'body', field, code: 'pattern', message: `Position ${position}: ${message}`, hint }];
  }
  const { env, words, stdin = [], stdout = [] } = parsed.value;
  const issuesOf = (parts: readonly TemplatePart[], mayHoldPassword: boolean) =>
    parts.flatMap((part) => ('text' in part ? [] : placeholderIssues(part, fields, field, mayHoldPassword)));
  return [
    ...env.flatMap(({ parts }) => issuesOf(parts, true)),
    ...[...words, stdin, stdout].flatMap((parts) => issuesOf(parts, false)),
  ];
}

function placeholderIssues(
  { placeholder, position }: { placeholder: string; position: number },
  fields: readonly TemplateField[],
  field: string,
  mayHoldPassword: boolean,
): Issue[] {
  const issue = (code: Issue['code'], message: string, hint: string): Issue[] => [
    { in: 'body', field, code, message: `Position ${position}: ${message}`, hint },
  ];
  const typeOf = (name: string) => fields.find((candidate) => candidate.name === name)?.type;
  if (placeholder.startsWith(yamlFilePrefix)) {
    if (typeOf(placeholder.slice(yamlFilePrefix.length)) === 'password') return [];
    const passwords = fields.filter(({ type }) => type === 'password').map(({ name }) => `{{${yamlFilePrefix}${name}}}`);
    const hint = passwords.length > 0 ? `Write ${passwords.join(' or ')}.` : 'The type has no password field.';
    return issue('unknown_reference', `{{${placeholder}}} does not name a password field.`, hint);
  }
  const type = typeOf(placeholder);
  if (type === 'password' && !mayHoldPassword) {
    const hint = `Put NAME={{${placeholder}}} in front of the program, or use {{${yamlFilePrefix}${placeholder}}} for a config file.`;
    return issue('inconsistent', `{{${placeholder}}} is a password and would show in the process list.`, hint);
  }
  if (type !== undefined || reservedPlaceholders.includes(placeholder)) return [];
  return issue('unknown_reference', `{{${placeholder}}} is no connection field.`, nearestHint(placeholder, fields));
}

function nearestHint(placeholder: string, fields: readonly TemplateField[]): string {
  const known = [...fields.map(({ name }) => name), ...reservedPlaceholders];
  const nearest = closest(placeholder, known);
  if (distance(placeholder.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, nearest.length / 3))
    return `Did you mean {{${nearest}}}?`;
  return `Use ${known.map((name) => `{{${name}}}`).join(', ')}.`;
}

/** Values by placeholder; null, undefined and `''` all mean that there is none. */
export type TemplateValues = Readonly<Record<string, string | number | null | undefined>>;

/** A command that is ready to run: no shell, no further choice. */
export interface FilledCommand {
  /** Names with an empty value are left out, so that the program sees them as not set. */
  env: Record<string, string>;
  args: string[];
  stdinFile?: string;
  stdoutFile?: string;
}

/** Why a value cannot be used; never holds the value, which may be a secret. */
export interface ValueProblem {
  placeholder: string;
  message: string;
  hint: string;
}

/** Puts values into a command. A value fills its own word only: it makes no other word, option or redirection. */
export function fillCommandTemplate(
  template: CommandTemplate,
  values: TemplateValues,
): { value: FilledCommand } | { problems: ValueProblem[] } {
  const { env, words, stdin, stdout } = template;
  const problems = [
    ...[...env.map(({ parts }) => parts), ...words, stdin, stdout].flatMap((parts) => characterProblems(parts, values)),
    ...words.flatMap((word) => optionProblems(word, values)),
    ...[words[0] ?? [], stdin, stdout].flatMap((parts) => emptinessProblems(parts, values)),
  ];
  if (problems.length > 0) return { problems };
  const text = (parts: readonly TemplatePart[]) => filledText(parts, values);
  return {
    value: {
      env: Object.fromEntries(env.map(({ name, parts }) => [name, text(parts)]).filter(([, value]) => value !== '')),
      args: argsOf(words, values),
      ...(stdin ? { stdinFile: text(stdin) } : {}),
      ...(stdout ? { stdoutFile: text(stdout) } : {}),
    },
  };
}

/** Leaves out words that only hold an empty value, each with the option it would have belonged to. */
function argsOf(words: readonly TemplatePart[][], values: TemplateValues): string[] {
  const args: string[] = [];
  for (const [index, word] of words.entries()) {
    const text = filledText(word, values);
    const isEmptyValue = text === '' && word.some((part) => 'placeholder' in part);
    if (!isEmptyValue) args.push(text);
    else if (index > 1 && isOptionName(words[index - 1] ?? [])) args.pop();
  }
  return args;
}

/** `--username` waits for a value; `--host={{host}}` and `--format=custom` have theirs, and `--` ends the options. */
function isOptionName(word: readonly TemplatePart[]): boolean {
  const [only, ...others] = word;
  return only !== undefined && 'text' in only && others.length === 0 && /^-(?!-?$)[^=]*$/.test(only.text);
}

const filledText = (parts: readonly TemplatePart[], values: TemplateValues): string =>
  parts.map((part) => ('text' in part ? part.text : textOf(part.placeholder, values))).join('');

const textOf = (placeholder: string, values: TemplateValues): string =>
  String((Object.hasOwn(values, placeholder) ? values[placeholder] : undefined) ?? '');

function characterProblems(parts: readonly TemplatePart[] = [], values: TemplateValues): ValueProblem[] {
  const hint = 'Remove it from the connection value.';
  return parts.flatMap((part) => {
    if ('text' in part || !/[\0\r\n]/.test(textOf(part.placeholder, values))) return [];
    return [{ placeholder: part.placeholder, message: `${part.placeholder} holds a line break or a NUL character.`, hint }];
  });
}

/** A value that starts a word must not turn it into an option. */
function optionProblems(word: readonly TemplatePart[], values: TemplateValues): ValueProblem[] {
  const first = word.find((part) => ('text' in part ? part.text !== '' : textOf(part.placeholder, values) !== ''));
  if (!first || 'text' in first || !textOf(first.placeholder, values).startsWith('-')) return [];
  const { placeholder } = first;
  const hint = `Write the option and the value as one word, such as --name={{${placeholder}}}.`;
  return [{ placeholder, message: `${placeholder} starts with "-" and would be taken for an option.`, hint }];
}

function emptinessProblems(parts: readonly TemplatePart[] | undefined, values: TemplateValues): ValueProblem[] {
  if (!parts || filledText(parts, values) !== '') return [];
  const first = parts.find((part) => 'placeholder' in part);
  const placeholder = first && 'placeholder' in first ? first.placeholder : '';
  const message = 'The program or the file of a redirection is empty.';
  return [{ placeholder, message, hint: 'Give the connection value that names it.' }];
}
