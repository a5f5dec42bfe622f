import { compareTexts } from '../compareTexts';
import { longestRenderedChars } from './placeholders';

/** A server as loops see it; `environment` is the name of its environment. */
export interface LoopServer {
  id: string;
  name: string;
  hostname: string;
  publicIp: string | null;
  privateIp: string | null;
  tags: string[];
  environment: string;
}

/** Why a template cannot be rendered; lines and columns are counted from one. */
export interface TemplateError {
  line: number;
  column: number;
  message: string;
}

const fieldTexts: Readonly<Record<string, (server: LoopServer) => string>> = {
  name: (server) => server.name,
  hostname: (server) => server.hostname,
  publicIp: (server) => server.publicIp ?? '',
  privateIp: (server) => server.privateIp ?? '',
  id: (server) => server.id,
  tags: (server) => server.tags.join(','),
};
const fieldNames = Object.keys(fieldTexts).join(', ');
const filterNames = ['tag', 'name', 'environment'] as const;

interface Loop {
  filters: Partial<Record<(typeof filterNames)[number], string>>;
  /** Text, and fields of the server by name. */
  body: (string | { field: string })[];
}

/** A text with its loops taken out: what is between them is text. */
export interface Template {
  nodes: (string | Loop)[];
  errors: TemplateError[];
}

const opening = /\{\{-?\s*range\s+servers(?![\w.])/y;
/** The same wherever it stands: a text may have ten million braces, and few of them begin a loop. */
const anyOpening = new RegExp(opening.source, 'g');
const filter = /\s+([a-zA-Z]+)="([^"\n]*)"/y;
const closing = /\s*\}\}/y;
const ending = /\{\{\s*end\s*\}\}/y;
const fieldTag = /\{\{\s*\.([a-zA-Z]*)\s*\}\}/y;
const mostErrors = 20;

/** Where a sticky expression matches, its groups and the index behind it. */
function at(pattern: RegExp, text: string, index: number): { groups: string[]; end: number } | undefined {
  pattern.lastIndex = index;
  const match = pattern.exec(text);
  return match ? { groups: match.slice(1), end: pattern.lastIndex } : undefined;
}

function lineEndsIn(text: string): number {
  let count = 0;
  for (let found = text.indexOf('\n'); found >= 0; found = text.indexOf('\n', found + 1)) count += 1;
  return count;
}

class Parser {
  readonly nodes: Template['nodes'] = [];
  readonly errors: TemplateError[] = [];

  constructor(private readonly text: string) {}

  /** Only `{{range servers …}}` begins something: braces of other template languages are text. */
  parse(): Template {
    let done = 0;
    for (let start = this.next(0); start !== undefined && this.errors.length < mostErrors; ) {
      const end = this.loop(start, done);
      if (end !== undefined) done = end;
      start = this.next(end ?? start + 1);
    }
    this.nodes.push(this.text.slice(done));
    return { nodes: this.nodes, errors: this.errors };
  }

  private next(from: number): number | undefined {
    anyOpening.lastIndex = from;
    return anyOpening.exec(this.text)?.index;
  }

  /** Takes the loop that begins at `start`, with the text before it; gives the index behind its end, or nothing after an error. */
  private loop(start: number, textFrom: number): number | undefined {
    const head = this.head(start);
    if (!head) return undefined;
    const body: Loop['body'] = [];
    let done = head.end;
    for (let brace = this.text.indexOf('{{', done); brace >= 0; brace = this.text.indexOf('{{', done)) {
      if (brace > done) body.push(this.text.slice(done, brace));
      const end = at(ending, this.text, brace);
      if (end) {
        this.nodes.push(this.text.slice(textFrom, start), { filters: head.filters, body });
        return end.end;
      }
      const found = at(fieldTag, this.text, brace);
      const field = found?.groups[0] ?? '';
      if (!found || !Object.hasOwn(fieldTexts, field)) return this.refuse(brace, this.wrongInLoop(brace, found && field));
      body.push({ field });
      done = found.end;
    }
    return this.refuse(start, 'This loop has no {{end}}.');
  }

  private head(start: number): { filters: Loop['filters']; end: number } | undefined {
    if (this.text[start + 2] === '-') return this.refuse(start, 'A loop begins with {{range servers, without a trim marker.');
    const filters: Loop['filters'] = {};
    let end = at(opening, this.text, start)?.end ?? start;
    for (let found = at(filter, this.text, end); found; found = at(filter, this.text, end)) {
      const [name = '', value = ''] = found.groups;
      const known = filterNames.find((candidate) => candidate === name);
      if (!known) return this.refuse(end, `A loop has no filter "${name.slice(0, 50)}"; there are ${filterNames.join(', ')}.`);
      if (filters[known] !== undefined) return this.refuse(end, `The filter ${known} is given twice.`);
      if (value.includes('${')) return this.refuse(end, 'Placeholders mean nothing in the filters of a loop.');
      filters[known] = value;
      end = found.end;
    }
    const close = at(closing, this.text, end);
    if (!close)
      return this.refuse(
        end,
        'A loop is written {{range servers tag="x" name="api-*" environment="e"}}; each filter may be left out.',
      );
    return { filters, end: close.end };
  }

  private wrongInLoop(index: number, field: string | undefined): string {
    if (at(opening, this.text, index)) return 'Loops are not nested.';
    if (field !== undefined) return `A server has no field "${field.slice(0, 50)}"; there are ${fieldNames}.`;
    return 'In a loop there are only {{.field}} and {{end}}.';
  }

  private refuse(index: number, message: string): undefined {
    const before = this.text.slice(0, index);
    const lineStart = before.lastIndexOf('\n') + 1;
    this.errors.push({ line: lineEndsIn(before) + 1, column: index - lineStart + 1, message });
    return undefined;
  }
}

/** Finds the loops of a text. With errors, its nodes are of no use. */
export const parseServerLoops = (text: string): Template => new Parser(text).parse();

/**
 * The same for a text in pieces, each of which begins a line. A loop stands within one piece: one that began in a piece and
 * ended in the next would have been judged by nobody.
 */
export function parseLoopsOfParts(parts: readonly string[]): Template {
  const template: Template = { nodes: [], errors: [] };
  let linesBefore = 0;
  for (const part of parts) {
    const { nodes, errors } = parseServerLoops(part);
    for (const node of nodes) template.nodes.push(node);
    for (const error of errors) template.errors.push({ ...error, line: error.line + linesBefore });
    if (template.errors.length >= mostErrors) break;
    linesBefore += lineEndsIn(part);
  }
  return { ...template, errors: template.errors.slice(0, mostErrors) };
}

/** `*` stands for any characters. Takes the first place for each part between stars, so the time is bounded. */
function matchesName(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let done = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, done);
    if (found < 0 || found + part.length > end) return false;
    done = found + part.length;
  }
  return true;
}

function serversOf({ filters }: Loop, servers: readonly LoopServer[], ownEnvironment: string): LoopServer[] {
  const environment = filters.environment ?? ownEnvironment;
  return servers.filter(
    (server) =>
      server.environment === environment &&
      (filters.tag === undefined || server.tags.includes(filters.tag)) &&
      (filters.name === undefined || matchesName(filters.name, server.name)),
  );
}

/**
 * Writes a template with its loops run, servers in the order of their names. `ofText` renders the text once, however often a
 * loop repeats it: what a server's field says is no part of the template. An error when it would take too much.
 */
export function runServerLoops(
  nodes: Template['nodes'],
  servers: readonly LoopServer[],
  ownEnvironment: string,
  ofText: (text: string) => string,
): string | TemplateError {
  const sorted = [...servers].sort((a, b) => compareTexts(a.name, b.name) || compareTexts(a.id, b.id));
  const written: string[] = [];
  let room = longestRenderedChars;
  let looks = 0;
  const write = (text: string) => {
    // Empty pieces take time as well, and a loop could make millions of them.
    room -= text.length || 1;
    if (text !== '') written.push(text);
  };
  for (const node of nodes) {
    if (typeof node === 'string') {
      write(ofText(node));
      continue;
    }
    looks += sorted.length;
    if (looks > mostLooks) return tooManyLooks;
    const body = node.body.map((piece) => (typeof piece === 'string' ? ofText(piece) : piece));
    for (const server of body.length === 0 ? [] : serversOf(node, sorted, ownEnvironment)) {
      for (const piece of body) write(typeof piece === 'string' ? piece : (fieldTexts[piece.field]?.(server) ?? ''));
      if (room < 0) return tooLong;
    }
    if (room < 0) return tooLong;
  }
  return room < 0 ? tooLong : written.join('');
}

/** A loop looks at every server that there is, and a file has room for a million loops. */
const mostLooks = 2_000_000;
const tooManyLooks: TemplateError = {
  line: 1,
  column: 1,
  message: `The loops of this file look at servers more than ${mostLooks} times: there are too many loops, or too many servers.`,
};

/** What is said of a text that its loops or values make longer than `longestRenderedChars`. */
export const tooLong: TemplateError = { line: 1, column: 1, message: 'The rendered file would be longer than 32 MiB.' };

/** Runs the loops of a text; with errors, it comes back as it was. */
export function expandServerLoops(
  text: string,
  servers: readonly LoopServer[],
  ownEnvironment: string,
): { text: string; errors: TemplateError[] } {
  const { nodes, errors } = parseServerLoops(text);
  if (errors.length > 0) return { text, errors };
  const expanded = runServerLoops(nodes, servers, ownEnvironment, (literal) => literal);
  return typeof expanded === 'string' ? { text: expanded, errors: [] } : { text, errors: [expanded] };
}

/** Environments that a text's loops name, for the check of read access when it is saved. */
export function environmentsNamedIn(text: string): string[] {
  const named = parseServerLoops(text).nodes.flatMap((node) =>
    typeof node === 'string' ? [] : (node.filters.environment ?? []),
  );
  return [...new Set(named)];
}
