import { type Kysely, type Selectable, sql } from 'kysely';
import type { DB, Users } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';

export type UserRow = Selectable<Users>;

const all = (db: Kysely<DB>) => db.selectFrom('users').selectAll();

const byEmail = statement<{ email: string }, UserRow>((db, { email }) =>
  all(db).where(sql<boolean>`lower(email) = lower(${email})`),
);
const byId = statement<{ id: string }, UserRow>((db, { id }) => all(db).where('id', '=', id));
const byIdLocked = statement<{ id: string }, UserRow>((db, { id }) => all(db).where('id', '=', id).forUpdate());
const byIdShared = statement<{ id: string }, UserRow>((db, { id }) => all(db).where('id', '=', id).forShare());

/** The user with an address, in any letter case. */
export const findUserByEmail = (db: Db, email: string): Promise<UserRow | undefined> => byEmail.first(db, { email });

/** One user, or undefined. */
export const findUser = (db: Db, id: string): Promise<UserRow | undefined> => byId.first(db, { id });

/** One user, locked until the transaction ends. */
export const lockUser = (tx: Tx, id: string): Promise<UserRow | undefined> => byIdLocked.first(tx, { id });

/** One user as they are now, kept from changing until the transaction ends. */
export const holdUser = (tx: Tx, id: string): Promise<UserRow | undefined> => byIdShared.first(tx, { id });

const withAdministrators = statement<{ id: string }, UserRow>((db, { id }) =>
  all(db)
    .where(sql<boolean>`id = ${id} or (role = 'admin' and not disabled)`)
    .orderBy('id')
    .forUpdate(),
);

/**
 * One user, locked together with all enabled administrators, and how many of these are others. Everybody who may take
 * an administrator away locks them here, in the order of their ids: two who do it to each other wait instead of
 * blocking each other, and the second one sees what the first one left.
 */
export async function lockUserAmongAdministrators(tx: Tx, id: string): Promise<{ user?: UserRow; otherAdministrators: number }> {
  const rows = await withAdministrators.all(tx, { id });
  const user = rows.find((row) => row.id === id);
  return { ...(user ? { user } : {}), otherAdministrators: rows.length - (user ? 1 : 0) };
}

const list: ListSpec<UserRow> = {
  name: 'users',
  rows: all as never,
  countable: (db) => db.selectFrom('users') as never,
  id: sql`users.id`,
  sort: {
    createdAt: { expression: sql`users.created_at`, type: 'timestamp' },
    email: { expression: sql`lower(users.email)`, type: 'text' },
    lastActiveAt: { expression: sql`coalesce(users.last_active_at, '-infinity')`, type: 'timestamp' },
  },
  filters: {
    role: (roles: string[]) => sql<boolean>`users.role = any(${roles})`,
    disabled: (flag: boolean) => sql<boolean>`users.disabled = ${flag}`,
    activeWithinMinutes: (minutes: number) => sql<boolean>`users.last_active_at > now() - make_interval(mins => ${minutes})`,
    q: (pattern: string) => sql<boolean>`(users.email ilike ${pattern} or users.name ilike ${pattern})`,
  },
};

export interface UserFilters {
  role?: string[] | undefined;
  disabled?: boolean | undefined;
  activeWithinMinutes?: number | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of users. */
export const listUsers = (db: Db, page: PageRequest, filters: UserFilters) => listPage(db, list, page, { ...filters });

export interface NewUserValues {
  id: string;
  email: string;
  password_hash: string;
  name: string | null;
  role: string;
}

const insert = statement<NewUserValues, UserRow>((db, v) =>
  db
    .insertInto('users')
    .values({ id: v.id, email: v.email, password_hash: v.password_hash, name: v.name, role: v.role })
    .returningAll(),
);

/** Adds a user; gives the row as stored. */
export async function insertUser(tx: Tx, values: NewUserValues): Promise<UserRow> {
  return (await insert.first(tx, values)) as UserRow;
}

export interface UserValues {
  id: string;
  name: string | null;
  role: string;
  disabled: boolean;
  password_hash: string;
}

const update = statement<UserValues, UserRow>((db, v) =>
  db
    .updateTable('users')
    .set({
      name: v.name,
      role: v.role,
      disabled: v.disabled,
      password_hash: v.password_hash,
      version: sql`version + 1`,
      updated_at: sql`now()`,
    })
    .where('id', '=', v.id)
    .returningAll(),
);

/** Replaces what can be changed of a locked user, and counts the version up. */
export async function updateUserRow(tx: Tx, values: UserValues): Promise<UserRow> {
  return (await update.first(tx, values)) as UserRow;
}

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('users').where('id', '=', id) as never);

/** Deletes a locked user, and with them their logins and API tokens. */
export const deleteUserRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });
