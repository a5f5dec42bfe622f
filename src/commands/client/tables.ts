import Table from 'cli-table3';
import { plain } from './service';
import { inColour, type Terminal } from './terminal';

/** Tables for people: as wide as they need to be, and in a terminal no wider than it is. */

type Row = Record<string, unknown>;

const gap = 2;
const narrowest = 6;

/** A list, one object a line. Without columns those are taken that the first object has in short. */
export function rowsTable(terminal: Terminal, rows: Row[], wanted: string[] | undefined): string {
  if (rows.length === 0) return '';
  const columns = wanted ?? Object.keys(rows[0] as Row).filter((name) => !isNested((rows[0] as Row)[name]));
  const head = columns.map(title);
  const cells = rows.map((row) => columns.map((name) => cellText(valueAt(row, name))));
  return drawn(terminal, [head.map((text) => bold(terminal, text)), ...cells], widths(terminal, [head, ...cells]));
}

/** One object, one member a line; members of objects in it by their path. */
export function recordTable(terminal: Terminal, record: Row): string {
  const lines = flattened(record).map(([name, value]) => [name, cellText(value)]);
  const table = lines.map(([name = '', text = '']) => [bold(terminal, name), text]);
  return lines.length === 0 ? '' : drawn(terminal, table, undefined);
}

const isNested = (value: unknown): boolean => value !== null && typeof value === 'object';
const valueAt = (row: Row, path: string): unknown =>
  path in row ? row[path] : path.split('.').reduce<unknown>((at, name) => (at as Row | null | undefined)?.[name], row);

function flattened(record: Row, before = ''): [string, unknown][] {
  return Object.entries(record).flatMap(([name, value]): [string, unknown][] => {
    const nested = isNested(value) && !Array.isArray(value) && Object.keys(value as Row).length > 0;
    return nested ? flattened(value as Row, `${before}${name}.`) : [[before + name, value]];
  });
}

/** `REGISTRY URL` of registryUrl. */
const title = (member: string): string =>
  member
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .trim()
    .toUpperCase();

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value) && !value.some(isNested)) return plain(value.join(', '));
  return plain(typeof value === 'object' ? JSON.stringify(value) : value);
}

const bold = (terminal: Terminal, text: string): string => (inColour(terminal) ? `\u001b[1m${text}\u001b[22m` : text);

const lengthOf = (text: string): number => [...text].length;

/** Widths of the columns; the widest give way where the terminal is narrower. Ids are worth nothing in part. */
function widths({ stdout }: Terminal, rows: string[][]): number[] | undefined {
  if (!stdout.isTTY || !stdout.columns) return undefined;
  const wide = (rows[0] as string[]).map((_, at) => Math.max(...rows.map((row) => lengthOf(row[at] as string))));
  const fixed = rows[0]?.map((head) => head === 'ID' || head === 'GUID') ?? [];
  let over = wide.reduce((sum, one) => sum + one + gap, 0) - stdout.columns;
  while (over > 0) {
    const most = Math.max(...wide.filter((_, at) => !fixed[at]), 0);
    if (most <= narrowest) break;
    const second = Math.max(...wide.filter((one, at) => !fixed[at] && one < most), narrowest);
    const at = wide.findIndex((one, index) => one === most && !fixed[index]);
    const cut = Math.min(over, Math.max(most - second, 1));
    wide[at] = most - cut;
    over -= cut;
  }
  return wide;
}

const frame = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'];
const lines = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'];
const noLines = Object.fromEntries([...frame, ...lines].map((name) => [name, '']));

function drawn(_terminal: Terminal, rows: string[][], columnWidths: number[] | undefined): string {
  const table = new Table({
    chars: noLines,
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [] },
    ...(columnWidths ? { colWidths: columnWidths.map((width) => width + gap) } : {}),
  });
  table.push(...rows);
  const drawnLines = table.toString().split('\n');
  return `${drawnLines.map((line) => line.trimEnd()).join('\n')}\n`;
}
