export type JsonObject = Record<string, unknown>;

/** Keys and indexes from the root of the document down to a place. */
export type Path = readonly string[];

/** What a rule has found, before anyone knows the line. */
export interface Problem {
  rule: string;
  at: Path;
  message: string;
  wayOut: string;
}

/** A problem with its place in the file. */
export interface Finding {
  rule: string;
  file: string;
  line: number;
  pointer: string;
  message: string;
  wayOut: string;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

/** The JSON pointer of a path. */
export function pointerOf(at: Path): string {
  return `#${at.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`;
}

/** A file that knows its lines. */
interface Lined {
  file: string;
  lineOf(at: Path): number;
}

/** Puts problems at their lines, in file order. A place that many operations share is told once. */
export function toFindings(source: Lined, problems: (Problem & { line?: number })[]): Finding[] {
  const unique = new Map<string, Finding>();
  for (const { rule, at, message, wayOut, line } of problems) {
    const pointer = pointerOf(at);
    const finding = { rule, file: source.file, line: line ?? source.lineOf(at), pointer, message, wayOut };
    unique.set(JSON.stringify([rule, pointer, message, line]), finding);
  }
  return [...unique.values()].sort((a, b) => a.line - b.line || compare(a.rule, b.rule) || compare(a.message, b.message));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** One line for people: place, rule, what is wrong, the way out. */
export function renderFinding({ file, line, rule, message, wayOut }: Finding): string {
  return `${file}:${line} ${rule}: ${message} ${wayOut}`.trim().replace(/\s*\n\s*/g, ' ');
}
