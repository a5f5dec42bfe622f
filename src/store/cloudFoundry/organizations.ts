import { type QueryCreator, sql } from 'kysely';
import type { DB } from '../../../generated/database';
import type { ListRequest } from '../../domain/cloudFoundry/listRequest';
import type { Metadata } from '../../domain/cloudFoundry/metadata';
import { isId } from '../../domain/ids';
import type { Db, Tx } from '../database';
import { statement } from '../statement';
import { listV3, type V3ListSpec } from './list';
import { byTexts } from './listConditions';
import { metadataColumns } from './metadata';

/** The installation as an organization, with its metadata. */
export interface OrganizationRow extends Metadata {
  id: string;
  suspended: boolean;
  created_at: string;
  updated_at: string;
}

const id = sql<string>`installation.id`;
const columns = [
  'installation.id',
  'installation.suspended',
  'installation.created_at',
  'installation.updated_at',
  ...metadataColumns('organization', id),
] as const;

const organizations = (db: QueryCreator<DB>) => db.selectFrom('installation').select(columns);

const byId = statement<{ id: string }, OrganizationRow>((db, v) => organizations(db).where('installation.id', '=', v.id));
const only = statement<object, OrganizationRow>((db) => organizations(db));

/** The organization, if it has this id; any text may be asked for. */
export async function findOrganization(db: Db, guid: string): Promise<OrganizationRow | undefined> {
  return isId(guid) ? byId.first(db, { id: guid }) : undefined;
}

/** The one organization. */
export const theOrganization = async (db: Db): Promise<OrganizationRow> => (await only.first(db, {})) as OrganizationRow;

const lock = statement<{ id: string }, { id: string }>((db, v) =>
  db.selectFrom('installation').select('id').where('id', '=', v.id).forUpdate(),
);

/** The organization, locked until the transaction ends, and read behind the lock. */
export async function lockOrganization(tx: Tx, guid: string): Promise<OrganizationRow | undefined> {
  return isId(guid) && (await lock.first(tx, { id: guid })) ? byId.first(tx, { id: guid }) : undefined;
}

const update = statement<{ id: string; suspended: boolean }, OrganizationRow>((db, v) =>
  db
    .updateTable('installation')
    .set({ suspended: v.suspended, updated_at: sql`now()` })
    .where('id', '=', v.id)
    .returning(columns),
);

/** Saves the locked organization, whose metadata is saved already; gives the row as stored. */
export const updateOrganizationRow = async (tx: Tx, values: { id: string; suspended: boolean }): Promise<OrganizationRow> =>
  (await update.first(tx, values)) as OrganizationRow;

/** Its name is a setting, so that the list is made for one name. */
function listNamed(name: string): V3ListSpec<OrganizationRow> {
  const ownName = sql<string>`${name}::text`;
  return {
    name: `organizations named ${name}`,
    type: 'organization',
    rows: organizations as never,
    countable: (db) => db.selectFrom('installation') as never,
    id,
    seq: sql`installation.created_at`,
    createdAt: sql`installation.created_at`,
    updatedAt: sql`installation.updated_at`,
    environmentId: null,
    orderBy: { name: ownName },
    filters: { names: byTexts(ownName) },
  };
}

/** A page of the organizations: the one, or none. */
export const listOrganizations = (db: Db, name: string, request: ListRequest) => listV3(db, listNamed(name), request, undefined);
