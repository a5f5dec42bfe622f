import { type QueryCreator, sql } from 'kysely';
import type { DB } from '../../../generated/database';
import type { ListRequest } from '../../domain/cloudFoundry/listRequest';
import type { Metadata } from '../../domain/cloudFoundry/metadata';
import { isId } from '../../domain/ids';
import type { Db, Tx } from '../database';
import { statement } from '../statement';
import { listColumnsOf, listV3, type V3ListSpec } from './list';
import { byTexts } from './listConditions';
import { metadataColumns } from './metadata';

/** An environment as a space, with its metadata. */
export interface SpaceRow extends Metadata {
  id: string;
  name: string;
  created_at: string;
  updated_at: string;
  organization_id: string;
}

const id = sql<string>`environments.id`;
const columns = [
  'environments.id',
  'environments.name',
  'environments.created_at',
  'environments.updated_at',
  sql<string>`(select id from installation)`.as('organization_id'),
  ...metadataColumns('space', id),
] as const;

const spaces = (db: QueryCreator<DB>) => db.selectFrom('environments').select(columns);

const byId = statement<{ id: string }, SpaceRow>((db, v) => spaces(db).where('environments.id', '=', v.id));
const byIds = statement<{ ids: readonly string[] }, SpaceRow>((db, v) =>
  spaces(db).where(sql<boolean>`environments.id = any(${v.ids}::uuid[])`).orderBy('environments.seq'),
);

/** One space, or undefined; any text may be asked for. */
export async function findSpace(db: Db, guid: string): Promise<SpaceRow | undefined> {
  return isId(guid) ? byId.first(db, { id: guid }) : undefined;
}

/** The spaces with these ids, in the order in which they were made: what a list of apps includes. */
export const findSpaces = (db: Db, ids: readonly string[]): Promise<SpaceRow[]> =>
  ids.length === 0 ? Promise.resolve([]) : byIds.all(db, { ids: [...new Set(ids)] });

const lock = statement<{ id: string }, { id: string }>((db, v) =>
  db.selectFrom('environments').select('id').where('id', '=', v.id).forUpdate(),
);

/** One space, locked until the transaction ends, and read behind the lock. */
export async function lockSpace(tx: Tx, guid: string): Promise<SpaceRow | undefined> {
  return isId(guid) && (await lock.first(tx, { id: guid })) ? byId.first(tx, { id: guid }) : undefined;
}

const touch = statement<{ id: string }, SpaceRow>((db, v) =>
  db
    .updateTable('environments')
    // Labels are no members of an environment: whoever changes that under /api has nothing to fear of them.
    .set({ updated_at: sql`now()` })
    .where('id', '=', v.id)
    .returning(columns),
);

/** Tells of a change of a locked space, whose metadata is saved already; gives the row as stored. */
export const touchSpace = async (tx: Tx, spaceId: string): Promise<SpaceRow> =>
  (await touch.first(tx, { id: spaceId })) as SpaceRow;

const list: V3ListSpec<SpaceRow> = {
  name: 'spaces',
  type: 'space',
  rows: spaces as never,
  countable: (db) => db.selectFrom('environments') as never,
  ...listColumnsOf('environments'),
  environmentId: id,
  orderBy: { name: sql`environments.name` },
  filters: { names: byTexts(sql`environments.name`) },
};

/** A page of the spaces among `reach` (undefined = all). */
export const listSpaces = (db: Db, request: ListRequest, reach: readonly string[] | undefined) =>
  listV3(db, list, request, reach);
