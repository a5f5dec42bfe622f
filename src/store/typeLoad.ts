import { sql } from 'kysely';
import type { StoredType, TypeLoadStatus } from '../domain/types/typeLoad';
import type { Db, Tx } from './database';
import { statement } from './statement';

const status = statement<Record<never, never>, { sync_result: TypeLoadStatus }>((db) =>
  db.selectFrom('type_load_status').select(sql<TypeLoadStatus>`sync_result`.as('sync_result')),
);

/** What the last load of type files did; null before the first. */
export const findTypeLoadStatus = async (db: Db): Promise<TypeLoadStatus | null> =>
  (await status.first(db, {}))?.sync_result ?? null;

/** Everything that a load compares files with. */
export interface LoadedTypes {
  serviceTypes: StoredType[];
  databaseTypes: StoredType[];
  status: TypeLoadStatus | null;
}

const loaded = (locking: string) =>
  statement<Record<never, never>, LoadedTypes>(() => {
    const typesOf = (table: string) => sql`(
      select coalesce(json_agg(json_build_object('id', id, 'name', name, 'source', source, 'isCustomized', is_customized,
        'shippedDefinition', shipped_definition)), '[]')
      from (select * from ${sql.table(table)} order by id ${sql.raw(locking)}) stored)`;
    return sql<LoadedTypes>`select ${typesOf('service_types')} as "serviceTypes", ${typesOf('database_types')} as "databaseTypes",
      (select sync_result from type_load_status) as status`;
  });
const loadedNow = loaded('');
// Services may still be given a type meanwhile: their foreign key takes a lock that goes with this one.
const loadedAndLocked = loaded('for no key update');

/** All types, as a load compares them with files, and what the last load did. */
export async function findLoadedTypes(db: Db): Promise<LoadedTypes> {
  return (await loadedNow.first(db, {})) as LoadedTypes;
}

/** The same, with every type locked until the transaction ends. */
export async function lockLoadedTypes(tx: Tx): Promise<LoadedTypes> {
  return (await loadedAndLocked.first(tx, {})) as LoadedTypes;
}

const keepStatus = statement<{ status: string }, never>(
  (db, v) =>
    db
      .insertInto('type_load_status')
      .values({ sync_result: v.status })
      .onConflict((conflict) => conflict.column('only_row').doUpdateSet({ sync_result: v.status })) as never,
);

/** Keeps what a load did. */
export async function keepTypeLoadStatus(tx: Tx, done: TypeLoadStatus): Promise<void> {
  await keepStatus.all(tx, { status: JSON.stringify(done) });
}
