import { sql } from 'kysely';
import type { Db, Tx } from './database';
import { statement } from './statement';

/** A key pair that signs login tokens; the private half is sealed. */
export interface SigningKeyRow {
  id: string;
  private_key_sealed: string;
  public_jwk: unknown;
  created_at: string;
}

const all = statement<Record<never, never>, SigningKeyRow>(
  (db) => db.selectFrom('signing_keys').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc') as never,
);

/** All keys that still verify, newest first. */
export const listSigningKeys = (db: Db): Promise<SigningKeyRow[]> => all.all(db, {});

const insert = statement<{ id: string; sealed: string; jwk: string }, never>(
  (db, v) => db.insertInto('signing_keys').values({ id: v.id, private_key_sealed: v.sealed, public_jwk: v.jwk }) as never,
);
const lockTable = statement<Record<never, never>, never>(
  () => sql<never>`select pg_advisory_xact_lock(hashtext('portolan.signing_keys'))`,
);

/** Makes replicas that want a new key at the same time come one after the other. */
export const lockSigningKeys = (tx: Tx): Promise<never[]> => lockTable.all(tx, {});

/** Adds a key. */
export const insertSigningKey = (tx: Tx, id: string, sealed: string, publicJwk: object): Promise<never[]> =>
  insert.all(tx, { id, sealed, jwk: JSON.stringify(publicJwk) });

const removeOlder = statement<{ days: number }, never>(
  (db, { days }) =>
    db.deleteFrom('signing_keys').where('created_at', '<', sql<string>`now() - make_interval(days => ${days})`) as never,
);

/** Drops keys that no living token can be signed with. */
export const deleteSigningKeysOlderThan = (tx: Tx, days: number): Promise<never[]> => removeOlder.all(tx, { days });
