import { type QueryCreator, sql } from 'kysely';
import type { DB } from '../../../generated/database';
import type { ListRequest } from '../../domain/cloudFoundry/listRequest';
import type { Metadata } from '../../domain/cloudFoundry/metadata';
import { isId } from '../../domain/ids';
import type { Db, Tx } from '../database';
import { statement } from '../statement';
import { listColumnsOf, listV3, type V3ListSpec } from './list';
import { metadataColumns } from './metadata';

/** A service as an app, with its metadata. */
export interface AppRow extends Metadata {
  id: string;
  environment_id: string;
  name: string;
  desired_state: string;
  current_droplet_id: string | null;
  created_at: string;
  updated_at: string;
}

const apps = (db: QueryCreator<DB>) =>
  db
    .selectFrom('services')
    .select([
      'services.id',
      'services.environment_id',
      'services.name',
      'services.desired_state',
      'services.current_droplet_id',
      'services.created_at',
      'services.updated_at',
    ])
    .select(metadataColumns('app', sql`services.id`));

const byId = statement<{ id: string }, AppRow>((db, { id }) => apps(db).where('services.id', '=', id));
const lock = statement<{ id: string }, { id: string }>((db, { id }) =>
  db.selectFrom('services').select('id').where('id', '=', id).forUpdate(),
);

/** One app, or undefined; any text may be asked for. */
export const findApp = async (db: Db, guid: string): Promise<AppRow | undefined> =>
  isId(guid) ? byId.first(db, { id: guid }) : undefined;

/**
 * One app, locked until the transaction ends; any text may be asked for. Read behind the lock: a statement that waits for
 * one sees the labels that were there before it waited.
 */
export async function lockApp(tx: Tx, guid: string): Promise<AppRow | undefined> {
  return isId(guid) && (await lock.first(tx, { id: guid })) ? byId.first(tx, { id: guid }) : undefined;
}

const list: V3ListSpec<AppRow> = {
  name: 'v3Apps',
  type: 'app',
  rows: apps as never,
  countable: (db) => db.selectFrom('services') as never,
  ...listColumnsOf('services'),
  orderBy: { name: sql`services.name`, state: sql`services.desired_state` },
  filters: {
    names: (names) => sql<boolean>`services.name = any(${names}::text[])`,
    // There is one lifecycle.
    lifecycle_type: (types) => sql<boolean>`'docker' = any(${types}::text[])`,
  },
  counted: { list: 'services' },
};

/** A page of the apps of some or all environments. */
export const listApps = (db: Db, request: ListRequest, reach: readonly string[] | undefined) => listV3(db, list, request, reach);

const change = statement<{ id: string; name: string }, never>(
  (db, v) =>
    db
      .updateTable('services')
      .set({
        name: v.name,
        // Labels are no members of a service: whoever changes the service has nothing to fear of them.
        version: sql`version + (name <> ${v.name})::int`,
        updated_at: sql`now()`,
      })
      .where('id', '=', v.id) as never,
);

/** Names a locked app, and notes that it was changed. */
export const changeApp = (tx: Tx, id: string, name: string): Promise<never[]> => change.all(tx, { id, name });
