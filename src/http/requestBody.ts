import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser';
import { type Issue, invalid, Problem } from '../domain/errors';

const usualBytes = 1024 * 1024;
const maxDepth = 64;

/** The body's bytes; 413 beyond `maxBytes`, without reading the rest. */
export async function readBody(request: IncomingMessage, maxBytes = usualBytes): Promise<Buffer> {
  const declared = request.headers['content-length'];
  if (declared === undefined && request.headers['transfer-encoding'] === undefined) return empty;
  if (declared !== undefined && Number(declared) > maxBytes) throw tooLarge(maxBytes);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        request.removeAllListeners('data').pause();
        reject(tooLarge(maxBytes));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('aborted', () => reject(aborted()));
  });
}

const empty = Buffer.alloc(0);

/** Nobody reads this answer. */
export const aborted = () => new Problem('validation', { message: 'The body ended too early.', field: '' });

/** 413 for a body of which not everything was read. */
export const tooLarge = (maxBytes: number) =>
  new Problem('too_large', {
    message: `The body is larger than ${maxBytes} bytes.`,
    field: '',
    hint: 'Send less at once.',
    // What is not read stays in the connection; it cannot serve another request.
    headers: { Connection: 'close' },
  });

/** Refuses (415) what is not declared as JSON in UTF-8. */
export function requireJson(contentType: string | undefined): void {
  if (contentType === 'application/json') return;
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice(8)
    .replace(/^"|"$/g, '');
  if (type === 'application/json' && (charset === undefined || charset === 'utf-8' || charset === 'utf8')) return;
  throw new Problem('media_type', {
    message: contentType ? `The body is declared as ${contentType.slice(0, 100)}.` : 'The body has no Content-Type.',
    field: 'Content-Type',
    hint: 'Send "Content-Type: application/json".',
  });
}

/**
 * The body as a value. 400 for what is no UTF-8 or no JSON (with line and column), for a doubled member, nesting beyond
 * 64 levels, a member named `__proto__`, and text that cannot be stored: U+0000 and lone surrogates.
 */
export function parseBody(bytes: Buffer): unknown {
  const { value, issues } = readValue(bytes);
  if (issues.length > 0) throw invalid(issues);
  return value;
}

/** As `parseBody`, for whoever tells a value that may not be from a body that is no JSON: only the latter is thrown. */
export function readValue(bytes: Buffer): { value: unknown; issues: Issue[] } {
  if (!isUtf8(bytes)) throw unparsable('The body is not UTF-8.', 'Encode the body as UTF-8.');
  const text = bytes.toString('utf8');
  const value = parseJson(text);
  const issues = structureIssues(text);
  if (issues.some(({ code }) => code === 'unparsable')) throw invalid(issues);
  return { value, issues };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw syntaxProblem(text);
  }
}

/** JSON.parse does not always say where; the tolerant parser does. It recurses, so it gets nothing deep. */
function syntaxProblem(text: string): Problem {
  if (isTooDeep(text)) return tooDeep();
  const found = firstSyntaxError(text);
  if (!found) return unparsable('The body is not JSON.', 'Check the body with a JSON parser.');
  const place = `line ${found.line}, column ${found.column}`;
  return unparsable(`The body is not JSON: ${printParseErrorCode(found.code)} at ${place}.`, `See ${place} of the body.`);
}

interface SyntaxFault {
  code: ParseErrorCode;
  line: number;
  column: number;
}

/** The tolerant parser goes on behind an error; an exception is the only way to stop it there. */
function firstSyntaxError(text: string): SyntaxFault | undefined {
  const stop = new Error('found');
  let found: SyntaxFault | undefined;
  const onError = (code: ParseErrorCode, _offset: number, _length: number, line: number, column: number) => {
    found = { code, line: line + 1, column: column + 1 };
    throw stop;
  };
  try {
    visit(text, { onError }, { disallowComments: true });
  } catch (error) {
    if (error !== stop) throw error;
  }
  return found;
}

/** Whether brackets are open deeper than any body may be, also in text that is no JSON. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) inString = !inString;
    else if (inString && unit === 0x5c) i++;
    else if (!inString && (unit === 0x5b || unit === 0x7b) && ++depth > maxDepth) return true;
    else if (!inString && (unit === 0x5d || unit === 0x7d)) depth--;
  }
  return false;
}

const tooDeep = () => unparsable(`The body is nested deeper than ${maxDepth} levels.`, 'Nothing here needs that depth.');

const unparsable = (message: string, hint: string) => invalid([{ in: 'body', field: '', code: 'unparsable', message, hint }]);

/**
 * What JSON.parse lets pass although it loses or confuses something. One pass over text that is known to be JSON, so it
 * only has to tell strings, brackets and the rest apart.
 */
export function structureIssues(text: string): Issue[] {
  const scan = new StructureScan(text);
  scan.run();
  return scan.issues;
}

interface Level {
  /** Members seen so far; null in an array. */
  names: Set<string> | null;
  /** The member or index that is being read. */
  at: string | number;
}

class StructureScan {
  readonly issues: Issue[] = [];
  private readonly levels: Level[] = [];
  private awaitsName = false;

  constructor(private readonly text: string) {}

  run(): void {
    const { text } = this;
    for (let i = 0; i < text.length; i++) {
      switch (text.charCodeAt(i)) {
        case 0x22:
          i = this.string(i);
          break;
        case 0x7b:
          this.open({ names: new Set(), at: '' });
          this.awaitsName = true;
          break;
        case 0x5b:
          this.open({ names: null, at: 0 });
          this.awaitsName = false;
          break;
        case 0x7d:
        case 0x5d:
          this.levels.pop();
          this.awaitsName = false;
          break;
        case 0x2c:
          this.next();
          break;
      }
      if (this.issues.length > 0) return;
    }
  }

  private open(level: Level): void {
    this.levels.push(level);
    if (this.levels.length > maxDepth) {
      this.issue('', 'unparsable', `The body is nested deeper than ${maxDepth} levels.`, 'Nothing here needs that depth.');
    }
  }

  private next(): void {
    const level = this.levels[this.levels.length - 1];
    if (!level) return;
    if (level.names) this.awaitsName = true;
    else level.at = (level.at as number) + 1;
  }

  /** Reads the string that begins at `start`; gives the place of its closing quote. */
  private string(start: number): number {
    const { text } = this;
    let end = start + 1;
    let escaped = false;
    for (; text.charCodeAt(end) !== 0x22; end++) {
      if (text.charCodeAt(end) === 0x5c) {
        escaped = true;
        end++;
      }
    }
    const value = escaped ? (JSON.parse(text.slice(start, end + 1)) as string) : text.slice(start + 1, end);
    if (this.awaitsName) this.member(value);
    // Only an escape can bring these in: raw ones are no JSON, and no UTF-8.
    if (escaped && (value.includes('\0') || !value.isWellFormed())) {
      this.issue(
        this.place(),
        'format',
        'Holds U+0000 or half of a surrogate pair, which no text can.',
        'Remove that character.',
      );
    }
    return end;
  }

  private member(name: string): void {
    this.awaitsName = false;
    const level = this.levels[this.levels.length - 1] as Level;
    level.at = name;
    if (name === '__proto__') {
      this.issue(this.place(), 'unknown_member', 'No object here has a member of this name.', 'Leave it out.');
    } else if (level.names?.has(name)) {
      this.issue(this.place(), 'unparsable', 'This member stands twice in one object.', 'Send it once.');
    }
    level.names?.add(name);
  }

  private place(): string {
    return fieldPath(this.levels.map((level) => level.at));
  }

  private issue(field: string, code: Issue['code'], message: string, hint: string): void {
    this.issues.push({ in: 'body', field, code, message, hint });
  }
}

/** `connectionFields[0].type`, `baseEnv["MY KEY"]`: a path as it would be written in code. */
export function fieldPath(parts: readonly (string | number)[]): string {
  let path = '';
  for (const part of parts) {
    if (typeof part === 'number') path += `[${part}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(part)) path += path === '' ? part : `.${part}`;
    else path += `[${JSON.stringify(part)}]`;
  }
  return path;
}
