import type { KeyCount } from '../../store/keyRotation';
import type { Keyring } from '../../store/sealing';

export interface KeyStatus {
  id: string;
  /** `first`: seals and opens. `other`: opens. `missing`: values are sealed with it, and nothing opens them. */
  state: 'first' | 'other' | 'missing';
  /** Values that are sealed with it. */
  values: number;
  /** The same for each column that has any. */
  columns: Record<string, number>;
}

/** What stands in place of a key id for values that are no sealed records. */
export const noRecord = '(no record)';

/** Every configured key in its order, and every other one that values are sealed with. */
export function keyStatus(keyring: Keyring, counts: readonly KeyCount[]): KeyStatus[] {
  const configured = [...keyring.keys.keys()];
  const others = counts.map(({ keyId }) => keyId).filter((id) => !keyring.keys.has(id));
  return [...new Set([...configured, ...others])].map((id) => {
    const own = counts.filter(({ keyId }) => keyId === id);
    return {
      id: id === '' ? noRecord : id,
      state: id === keyring.currentId ? 'first' : keyring.keys.has(id) ? 'other' : 'missing',
      values: own.reduce((sum, { count }) => sum + count, 0),
      columns: Object.fromEntries(own.map(({ table, column, count }) => [`${table}.${column}`, count])),
    };
  });
}

/** Keys that nothing has although values need them. */
export const missingKeys = (keys: readonly KeyStatus[]): KeyStatus[] => keys.filter(({ state }) => state === 'missing');

const meanings: Record<KeyStatus['state'], string> = {
  first: 'seals and opens',
  other: 'opens',
  missing: 'NOT CONFIGURED',
};

/** A table for people: a line for each key and column, under the line of the key itself. */
export function statusTable(keys: readonly KeyStatus[]): string {
  const lines = [['key', 'use', 'values', 'where']];
  for (const { id, state, values, columns } of keys) {
    const places = Object.entries(columns);
    if (places.length === 0) lines.push([id, meanings[state], '0', '']);
    for (const [index, [place, count]] of places.entries()) {
      lines.push([index === 0 ? id : '', index === 0 ? meanings[state] : '', String(count), place]);
    }
    if (places.length > 1) lines.push(['', '', String(values), 'in all']);
  }
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => (line[column] as string).length)));
  return lines
    .map(([id = '', use = '', values = '', where = '']) =>
      [id.padEnd(widths[0] as number), use.padEnd(widths[1] as number), values.padStart(widths[2] as number), where]
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What to do next, in a sentence. */
export function advice(keys: readonly KeyStatus[]): string {
  const missing = missingKeys(keys);
  if (missing.length > 0) {
    return `Values are sealed with ${missing.map(({ id }) => id).join(', ')}, which is not configured: they do not open.`;
  }
  const old = keys.filter(({ state, values }) => state === 'other' && values > 0);
  if (old.length > 0) return 'Run `portolan keys rotate` to seal all values with the first key.';
  const unused = keys.filter(({ state }) => state === 'other').map(({ id }) => id);
  if (unused.length === 0) return 'All values are sealed with the first key.';
  return `All values are sealed with the first key. Nothing needs ${unused.join(', ')} any more, except older backups.`;
}
