import type { Issue } from '../domain/errors';
import type { OperationFacts } from './operationFacts';

export interface ParsedQuery {
  values: Record<string, unknown>;
  issues: Issue[];
}

/**
 * Reads a raw query string by the contract's table of parameters: numbers and booleans are made of their exact
 * spellings, comma lists are split before they are decoded (so that `%2C` is part of a value, unless no value of the list
 * can hold a comma: many clients encode all of them), defaults are filled in.
 * What cannot be read stays text, for the validator to refuse.
 */
export function parseQuery(raw: string, table: OperationFacts['query']): ParsedQuery {
  const values: Record<string, unknown> = {};
  const issues: Issue[] = [];
  if (raw !== '') {
    for (const part of raw.split('&')) {
      if (part !== '') readPart(part, table, values, issues);
    }
  }
  for (const name in table) {
    const fallback = table[name]?.default;
    if (fallback !== undefined && !Object.hasOwn(values, name)) values[name] = fallback;
  }
  return { values, issues };
}

function readPart(part: string, table: OperationFacts['query'], values: Record<string, unknown>, issues: Issue[]): void {
  const equals = part.indexOf('=');
  const rawName = equals < 0 ? part : part.slice(0, equals);
  const name = decode(rawName);
  const rawValue = equals < 0 ? '' : part.slice(equals + 1);
  const field = name ?? rawName.slice(0, 100);
  const problem = (message: string, hint: string) =>
    issues.push({ in: 'query', field, code: 'unparsable', message, hint });
  if (name === undefined) return void problem('Holds a broken percent-encoding.', 'Encode the query as UTF-8, byte by byte.');
  if (Object.hasOwn(values, name)) return void problem('This parameter stands twice.', 'Send it once; lists are joined by commas.');
  const { type, commaFree = false } = (Object.hasOwn(table, name) && table[name]) || { type: 'string' };
  const value = type === 'array' ? decodeAll(commaFree ? rawValue.replace(/%2c/gi, ',') : rawValue) : decode(rawValue);
  if (value === undefined) return void problem('Holds a broken percent-encoding, or U+0000.', 'Encode the value as UTF-8, byte by byte.');
  Object.defineProperty(values, name, { value: typed(value, type), enumerable: true, writable: true, configurable: true });
}

function decodeAll(raw: string): string[] | undefined {
  const values = raw.split(',').map(decode);
  return values.includes(undefined) ? undefined : (values as string[]);
}

function decode(text: string): string | undefined {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    const decoded = decodeURIComponent(text.replace(/\+/g, ' '));
    return decoded.includes('\0') ? undefined : decoded;
  } catch {
    return undefined;
  }
}

function typed(value: string | string[], type: string | undefined): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'integer' && /^-?\d{1,15}$/.test(value)) return Number(value);
  if (type === 'number' && /^-?\d{1,15}(\.\d{1,15})?$/.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}
