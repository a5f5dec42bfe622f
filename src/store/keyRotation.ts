import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from './database';
import { type SealedColumn, sealedColumns } from './sealedColumns';
import { type Statement, statement } from './statement';

/** The id of a row as the database takes it. */
export type RowId = string | Buffer;

/** The row id that is authenticated with a value. */
export const sealedRowId = (id: RowId): string => (typeof id === 'string' ? id : id.toString('hex'));

/** How many values of a column are sealed with a key. An empty key id stands for records that are none. */
export interface KeyCount {
  table: string;
  column: string;
  keyId: string;
  count: number;
}

const living = ({ column, expiry }: SealedColumn): RawBuilder<unknown> =>
  expiry === undefined ? sql`${sql.ref(column)} is not null` : sql`${sql.ref(column)} is not null and ${sql.ref(expiry)} > now()`;

const counts = statement<Record<never, never>, KeyCount>(() => {
  const parts = sealedColumns.map((sealed) => {
    const { table, column } = sealed;
    const record = sql.ref(column);
    return sql`
      select ${sql.lit(table)} as "table", ${sql.lit(column)} as "column",
        case when starts_with(${record}, 'v1.') then split_part(${record}, '.', 2) else '' end as "keyId", count(*) as count
      from ${sql.table(table)} where ${living(sealed)} group by 3`;
  });
  return sql<KeyCount>`${sql.join(parts, sql` union all `)} order by 1, 2, 3`;
});

/** How many values of each column are sealed with which key. */
export const countSealed = (db: Db): Promise<KeyCount[]> => counts.all(db, {});

/** A value, as its row has it. */
export interface SealedRow {
  id: RowId;
  record: string;
}

interface Batch {
  after: RowId;
  /** How records of the first key begin. */
  prefix: string;
  limit: number;
}
interface Replacement {
  ids: RowId[];
  before: string[];
  after: string[];
}

/** What rotates one column. */
export interface ColumnRotation {
  readonly sealed: SealedColumn;
  /** A value that is before all ids. */
  readonly start: RowId;
  /** Values behind an id that are not sealed with the first key, in order of their ids. */
  next(db: Db, batch: Batch): Promise<SealedRow[]>;
  /**
   * Replaces values that are still as they were read, and that nobody is about to change; gives how many. Skipping what is
   * locked keeps it from waiting while it holds rows itself, so it can neither close a circle with a request nor hold one
   * up for longer than its own statement.
   */
  replace(tx: Tx, replacement: Replacement): Promise<number>;
}

const starts: Record<SealedColumn['idType'], RowId> = {
  uuid: '00000000-0000-0000-0000-000000000000',
  text: '',
  bytea: Buffer.alloc(0),
};

/** One for each sealed column. */
export const columnRotations: readonly ColumnRotation[] = sealedColumns.map((sealed) => {
  const [id, record, table] = [sql.ref(sealed.id), sql.ref(sealed.column), sql.table(sealed.table)];
  const [idType, ids] = [sql.raw(sealed.idType), sql.raw(`${sealed.idType}[]`)];
  const next: Statement<Batch, SealedRow> = statement(
    (_, v) => sql<SealedRow>`
      select ${id} as id, ${record} as record from ${table}
      where ${living(sealed)} and not starts_with(${record}, ${v.prefix}::text) and ${id} > ${v.after}::${idType}
      order by ${id} limit ${v.limit}::bigint`,
  );
  // The ids are given twice: by the join alone the planner would read the whole table.
  const replace: Statement<Replacement, { replaced: number }> = statement(
    (_, v) => sql<{ replaced: number }>`
      with free as (
        select ${id} as free_id, given.after from ${table}
        join unnest(${v.ids}::${ids}, ${v.before}::text[], ${v.after}::text[]) as given (given_id, before, after)
          on ${id} = given_id and ${record} = given.before
        where ${id} = any(${v.ids}::${ids}) for no key update of ${table} skip locked),
      done as (update ${table} set ${record} = free.after from free where ${id} = free_id returning 1)
      select count(*) as replaced from done`,
  );
  return {
    sealed,
    start: starts[sealed.idType],
    next: (db, batch) => next.all(db, batch),
    replace: async (tx, replacement) => (await replace.first(tx, replacement))?.replaced ?? 0,
  };
});
