import { sql } from 'kysely';
import type { Db, Tx } from './database';
import { statement } from './statement';

const insertEnvironment = statement<{ id: string; name: string }, { id: string }>((db, v) =>
  db
    .insertInto('environments')
    .values({ id: v.id, name: v.name, protected: true })
    .onConflict((conflict) => conflict.constraint('environments_name_unique').doNothing())
    .returning('id'),
);

/** Makes sure that a protected environment of this name exists. */
export async function ensureProtectedEnvironment(tx: Tx, id: string, name: string): Promise<void> {
  await insertEnvironment.all(tx, { id, name });
}

const anyAdmin = statement<Record<never, never>, { id: string }>((db) =>
  db.selectFrom('users').select('id').where('role', '=', 'admin').limit(1),
);

/** Whether there is an administrator. */
export const hasAdmin = async (db: Db): Promise<boolean> => (await anyAdmin.first(db, {})) !== undefined;

const insertAdmin = statement<{ id: string; email: string; passwordHash: string }, { id: string }>((db, v) =>
  db
    .insertInto('users')
    .values({ id: v.id, email: v.email, password_hash: v.passwordHash, role: 'admin' })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id'),
);

/** Adds the first administrator; false when a user has the address already, who stays as they are. */
export async function insertFirstAdmin(tx: Tx, id: string, email: string, passwordHash: string): Promise<boolean> {
  return (await insertAdmin.first(tx, { id, email, passwordHash })) !== undefined;
}

const lock = statement<Record<never, never>, never>(() => sql<never>`select pg_advisory_xact_lock(hashtext('portolan.boot'))`);

/** Makes replicas that start together boot one after the other. */
export const lockBoot = (tx: Tx): Promise<never[]> => lock.all(tx, {});
