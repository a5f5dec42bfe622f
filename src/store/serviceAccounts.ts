import { type Kysely, type Selectable, sql } from 'kysely';
import type { DB, ServiceAccounts } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import { tokenIsShown } from './apiTokens';
import type { Db, Tx } from './database';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';

/** A service account with who made it and the number of its tokens. */
export type ServiceAccountRow = Selectable<ServiceAccounts> & {
  created_by: { id: string; email: string; name: string | null } | null;
  token_count: number;
};

const createdBy = sql<ServiceAccountRow['created_by']>`(
  select json_build_object('id', id, 'email', email, 'name', name) from users where id = service_accounts.created_by_user_id)`;
const tokenCount = sql<number>`(
  select count(*) from api_tokens where service_account_id = service_accounts.id and ${tokenIsShown})`;
const withCount = (db: Kysely<DB>) =>
  db
    .selectFrom('service_accounts')
    .selectAll()
    .select([createdBy.as('created_by'), tokenCount.as('token_count')]);

const byId = statement<{ id: string }, ServiceAccountRow>((db, { id }) => withCount(db).where('id', '=', id));
const byIdLocked = statement<{ id: string }, ServiceAccountRow>((db, { id }) =>
  withCount(db).where('id', '=', id).forUpdate('service_accounts'),
);
const byName = statement<{ name: string }, { id: string }>((db, { name }) =>
  db.selectFrom('service_accounts').select('id').where('name', '=', name),
);

/** One service account, or undefined. */
export const findServiceAccount = (db: Db, id: string): Promise<ServiceAccountRow | undefined> => byId.first(db, { id });

/** One service account, locked until the transaction ends. */
export const lockServiceAccount = (tx: Tx, id: string): Promise<ServiceAccountRow | undefined> =>
  byIdLocked.first(tx, { id });

/** The service account that has a name. */
export const findServiceAccountByName = (db: Db, name: string): Promise<{ id: string } | undefined> =>
  byName.first(db, { name });

const list: ListSpec<ServiceAccountRow> = {
  name: 'service_accounts',
  rows: withCount as never,
  countable: (db) => db.selectFrom('service_accounts') as never,
  id: sql`service_accounts.id`,
  sort: {
    name: { expression: sql`service_accounts.name`, type: 'text' },
    createdAt: { expression: sql`service_accounts.created_at`, type: 'timestamp' },
  },
  filters: {
    name: (names: string[]) => sql<boolean>`service_accounts.name = any(${names})`,
    role: (roles: string[]) => sql<boolean>`service_accounts.role = any(${roles})`,
    disabled: (flag: boolean) => sql<boolean>`service_accounts.disabled = ${flag}`,
    q: (pattern: string) =>
      sql<boolean>`(service_accounts.name ilike ${pattern} or service_accounts.description ilike ${pattern})`,
  },
};

export interface ServiceAccountFilters {
  name?: string[] | undefined;
  role?: string[] | undefined;
  disabled?: boolean | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of service accounts. */
export const listServiceAccounts = (db: Db, page: PageRequest, filters: ServiceAccountFilters) =>
  listPage(db, list, page, { ...filters });

export interface NewServiceAccountValues {
  id: string;
  name: string;
  description: string | null;
  role: string;
  /** null when another service account made it. */
  createdByUserId: string | null;
}

const insert = statement<NewServiceAccountValues, ServiceAccountRow>((db, v) =>
  db
    .insertInto('service_accounts')
    .values({ id: v.id, name: v.name, description: v.description, role: v.role, created_by_user_id: v.createdByUserId })
    .returningAll()
    .returning([createdBy.as('created_by'), sql<number>`0::bigint`.as('token_count')]),
);

/** Adds a service account; gives the row as stored. */
export async function insertServiceAccount(tx: Tx, values: NewServiceAccountValues): Promise<ServiceAccountRow> {
  return (await insert.first(tx, values)) as ServiceAccountRow;
}

export interface ServiceAccountValues {
  id: string;
  description: string | null;
  role: string;
  disabled: boolean;
}

const update = statement<ServiceAccountValues, ServiceAccountRow>((db, v) =>
  db
    .updateTable('service_accounts')
    .set({
      description: v.description,
      role: v.role,
      disabled: v.disabled,
      version: sql`version + 1`,
      updated_at: sql`now()`,
    })
    .where('id', '=', v.id)
    .returningAll()
    .returning([createdBy.as('created_by'), tokenCount.as('token_count')]),
);

/** Replaces what can be changed of a locked service account, and counts the version up. */
export async function updateServiceAccountRow(tx: Tx, values: ServiceAccountValues): Promise<ServiceAccountRow> {
  return (await update.first(tx, values)) as ServiceAccountRow;
}

const remove = statement<{ id: string }, never>(
  (db, { id }) => db.deleteFrom('service_accounts').where('id', '=', id) as never,
);

/** Deletes a locked service account, and with it its API tokens. */
export const deleteServiceAccountRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });
