import { sql } from 'kysely';
import { type Db, defer, type Tx } from './database';
import { statement } from './statement';

/** A fragment that a file shall be made of. */
export interface FragmentPart {
  id: string;
  environment_id: string;
  name: string;
  content: string;
}

const locked = statement<{ ids: readonly string[] }, FragmentPart>((db, { ids }) =>
  db
    .selectFrom('config_fragments')
    .select(['id', 'environment_id', 'name', 'content'])
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .orderBy('id')
    .forKeyShare(),
);

/** Fragments by their ids; none of them is deleted before the transaction ends. */
export const keepFragments = async (tx: Tx, ids: readonly string[]): Promise<FragmentPart[]> =>
  ids.length === 0 ? [] : locked.all(tx, { ids });

const byIds = statement<{ ids: readonly string[] }, FragmentPart>((db, { ids }) =>
  db
    .selectFrom('config_fragments')
    .select(['id', 'environment_id', 'name', 'content'])
    .where(sql<boolean>`id = any(${ids}::uuid[])`),
);

/** Fragments by their ids, in any order. */
export const findFragments = async (db: Db, ids: readonly string[]): Promise<FragmentPart[]> =>
  ids.length === 0 ? [] : byIds.all(db, { ids });

const clear = statement<{ fileId: string }, never>(
  (db, { fileId }) => db.deleteFrom('config_file_fragments').where('config_file_id', '=', fileId) as never,
);
const fill = statement<{ fileId: string; ids: readonly string[] }, never>(
  (_, { fileId, ids }) => sql<never>`
    insert into config_file_fragments (config_file_id, position, fragment_id)
    select ${fileId}::uuid, place - 1, id from unnest(${ids}::uuid[]) with ordinality as listed (id, place)`,
);

/** Makes a file of these fragments, in this order. `had` tells whether it was made of any before. */
export async function saveFragments(tx: Tx, fileId: string, ids: readonly string[], had: boolean): Promise<void> {
  if (had) defer(tx, clear.all(tx, { fileId }));
  if (ids.length > 0) await fill.all(tx, { fileId, ids });
}
