import { type Document, isAlias, isMap, isNode, isSeq, LineCounter, parseDocument } from 'yaml';
import { isObject, type JsonObject, type Path, type Problem } from './findings';

/** A contract as read from a file: its data, and the line that each place of it stands on. */
export interface Source {
  file: string;
  root: JsonObject;
  /** What is wrong with the file as YAML; while there is anything, the data may not be what the author sees. */
  problems: (Problem & { line: number })[];
  /** The line of the nearest place that exists at or above the path. */
  lineOf(at: Path): number;
}

/** Reads YAML and keeps its lines. Faults of the YAML itself become problems rather than exceptions. */
export function readSource(file: string, text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = document.errors.map((error) => ({
    ...(error.code === 'DUPLICATE_KEY' ? duplicateKey(text, error.pos[0]) : syntaxError(error.message)),
    at: [],
    line: lines.linePos(error.pos[0]).line,
  }));
  const fatal = document.errors.some((error) => error.code !== 'DUPLICATE_KEY');
  const data: unknown = fatal ? {} : document.toJS({ maxAliasCount: 100 });
  if (!fatal && !isObject(data)) problems.push({ ...syntaxError('the file holds no mapping'), at: [], line: 1 });
  return {
    file,
    root: isObject(data) ? data : {},
    problems,
    lineOf: (at) => lines.linePos(offsetOf(document, at)).line,
  };
}

function duplicateKey(text: string, offset: number) {
  const key = /^[^\s:]+/.exec(text.slice(offset))?.[0] ?? '';
  return {
    rule: 'duplicate-key',
    message: `The key ${key} stands twice in one mapping; readers disagree on which one counts.`,
    wayOut: 'Merge the two, or rename one.',
  };
}

function syntaxError(message: string) {
  return {
    rule: 'yaml-syntax',
    message: `This is not YAML: ${message}.`,
    wayOut: 'Mend the syntax; nothing else is checked before.',
  };
}

function offsetOf(document: Document, at: Path): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const segment of at) {
    if (isAlias(node)) node = node.resolve(document);
    const step = isMap(node) ? pairAt(node.items, segment) : isSeq(node) ? itemAt(node.items, segment) : undefined;
    if (!step) break;
    offset = step.offset;
    node = step.node;
  }
  return offset;
}

function pairAt(pairs: { key: unknown; value: unknown }[], segment: string) {
  const pair = pairs.find(({ key }) => String(key) === segment);
  if (!pair || !isNode(pair.key)) return undefined;
  return { offset: pair.key.range?.[0] ?? 0, node: pair.value };
}

function itemAt(items: unknown[], segment: string) {
  const node = items[Number(segment)];
  return isNode(node) ? { offset: node.range?.[0] ?? 0, node } : undefined;
}

/** The path that a JSON pointer such as `#/paths/~1health/get` names. */
export function pathOf(pointer: string): Path {
  const rest = pointer.replace(/^#\/?/, '');
  return rest === '' ? [] : rest.split('/').map((part) => decodePart(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
