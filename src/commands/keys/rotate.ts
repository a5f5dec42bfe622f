import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../store/database';
import {
  type ColumnRotation,
  columnRotations,
  countSealed,
  type KeyCount,
  type SealedRow,
  sealedRowId,
} from '../../store/keyRotation';
import { type Keyring, seal, unseal } from '../../store/sealing';

export interface RotationParts {
  database: Pick<Database, 'db' | 'transact'>;
  keyring: Keyring;
  /** Values that are read, and written as one statement. */
  batchSize: number;
  /** Ends it behind a batch; what was done stays done. */
  signal?: AbortSignal;
  onProgress?(progress: Progress): void;
}

export interface Progress {
  table: string;
  column: string;
  /** Values sealed anew since it began, of all columns. */
  done: number;
  /** What was to be done when it began. */
  total: number;
}

/** A value that does not open with the key that it names. */
export interface Unreadable {
  table: string;
  column: string;
  rowId: string;
  keyId: string;
}

export interface Rotation {
  rotated: number;
  /** What is sealed with other keys now, apart from what is unreadable. */
  remaining: KeyCount[];
  unreadable: Unreadable[];
  /** Whether the signal ended it. */
  ended: boolean;
}

/** Values that requests held locked are free again soon; values that others keep sealing with an old key never end. */
const passes = 5;
const pauseMs = 200;
/** Of the time; the rest belongs to those who serve. */
const share = 0.6;

/**
 * Seals every value anew that is not sealed with the first key. What is left to do shows in the values themselves, so that
 * a rotation that was ended at any moment goes on with the next one. Requests are served meanwhile: a value that one of
 * them changes stays as it wrote it, and is looked at again.
 */
export async function rotate(parts: RotationParts): Promise<Rotation> {
  const { database, keyring, signal } = parts;
  const before = othersThan(keyring, await countSealed(database.db));
  const state: State = { ...parts, done: 0, total: totalOf(before), unreadable: new Map() };
  let remaining = before;
  for (let pass = 1; pass <= passes && remaining.length > 0 && !signal?.aborted; pass++) {
    if (pass > 1) await delay(pauseMs);
    for (const column of columnRotations) await rotateColumn(state, column);
    remaining = apartFrom(state.unreadable, othersThan(keyring, await countSealed(database.db)));
  }
  const unreadable = [...state.unreadable.values()];
  return { rotated: state.done, remaining, unreadable, ended: signal?.aborted === true };
}

interface State extends RotationParts {
  done: number;
  total: number;
  unreadable: Map<string, Unreadable>;
}

const othersThan = (keyring: Keyring, counts: KeyCount[]): KeyCount[] =>
  counts.filter(({ keyId }) => keyId !== keyring.currentId);

/** How many values all of them are. */
export const totalOf = (counts: readonly KeyCount[]): number => counts.reduce((sum, { count }) => sum + count, 0);

/** The counts without the values that keep their key because they do not open. */
function apartFrom(unreadable: State['unreadable'], counts: KeyCount[]): KeyCount[] {
  const placeOf = ({ table, column, keyId }: Omit<KeyCount, 'count'>) => `${table}.${column}.${keyId}`;
  const lost = [...unreadable.values()].map(placeOf);
  return counts
    .map((one) => ({ ...one, count: one.count - lost.filter((place) => place === placeOf(one)).length }))
    .filter(({ count }) => count > 0);
}

async function rotateColumn(state: State, column: ColumnRotation): Promise<void> {
  const { database, keyring, batchSize, signal } = state;
  const prefix = `v1.${keyring.currentId}.`;
  const { table, column: name } = column.sealed;
  let after = column.start;
  while (!signal?.aborted) {
    const began = performance.now();
    const rows = await column.next(database.db, { after, prefix, limit: batchSize });
    const last = rows[rows.length - 1];
    if (!last) return;
    after = last.id;
    const resealed = rows.flatMap((row) => resealedRow(state, column, row) ?? []);
    if (resealed.length > 0) {
      state.done += await database.transact((tx) =>
        column.replace(tx, {
          ids: resealed.map(({ id }) => id),
          before: resealed.map(({ record }) => record),
          after: resealed.map(({ sealed }) => sealed),
        }),
      );
    }
    state.onProgress?.({ table, column: name, done: state.done, total: state.total });
    await delay((performance.now() - began) * (1 / share - 1));
  }
}

/** As `countSealed` tells it. */
const keyIdOf = (record: string): string => (record.startsWith('v1.') ? (record.split('.')[1] ?? '') : '');

function resealedRow(state: State, { sealed }: ColumnRotation, row: SealedRow): (SealedRow & { sealed: string }) | undefined {
  const { table, column, place } = sealed;
  const rowId = sealedRowId(row.id);
  try {
    const text = unseal(state.keyring, { table, column: place, rowId }, row.record);
    return { ...row, sealed: seal(state.keyring, { table, column: place, rowId }, text) };
  } catch {
    state.unreadable.set(`${table}.${column}.${rowId}`, { table, column, rowId, keyId: keyIdOf(row.record) });
    return undefined;
  }
}
