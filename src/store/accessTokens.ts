import { sql } from 'kysely';
import type { Db, Tx } from './database';
import { statement } from './statement';

/** A refresh token as it is kept: by its hash, with its login. */
export interface RefreshTokenRow {
  login_id: string;
  used: boolean;
}

const byHash = statement<{ hash: Buffer }, RefreshTokenRow>((db, { hash }) =>
  db
    .selectFrom('refresh_tokens')
    .where('token_hash', '=', hash)
    .select(['login_id', sql<boolean>`used_at is not null`.as('used')]),
);

/** The refresh token with this hash; undefined when there is none, or its login ended. */
export const findRefreshToken = (db: Db, hash: Buffer): Promise<RefreshTokenRow | undefined> => byHash.first(db, { hash });

const insert = statement<{ hash: Buffer; loginId: string }, never>(
  (db, v) => db.insertInto('refresh_tokens').values({ token_hash: v.hash, login_id: v.loginId }) as never,
);

/** Adds a refresh token to a login. */
export const insertRefreshToken = (tx: Tx, hash: Buffer, loginId: string): Promise<never[]> => insert.all(tx, { hash, loginId });

const holdLogin = statement<{ id: string }, { id: string }>((db, { id }) =>
  db.selectFrom('logins').where('id', '=', id).select('id').forUpdate(),
);
const use = statement<{ hash: Buffer }, { login_id: string }>((db, { hash }) =>
  db
    .updateTable('refresh_tokens')
    .set({ used_at: sql`now()` })
    .where('token_hash', '=', hash)
    .where('used_at', 'is', null)
    .returning('login_id'),
);

/**
 * Uses up a refresh token; false when another request did so first, or its login ended. The login is locked before the
 * token: whoever ends a login locks in that order too.
 */
export async function takeRefreshToken(tx: Tx, hash: Buffer, loginId: string): Promise<boolean> {
  if (!(await holdLogin.first(tx, { id: loginId }))) return false;
  return (await use.first(tx, { hash })) !== undefined;
}

const revoke = statement<{ id: string; expiresAt: string }, never>(
  (_, v) => sql<never>`
    insert into revoked_access_tokens (id, expires_at) values (${v.id}, ${v.expiresAt}) on conflict do nothing`,
);

/** Ends one access token, whatever it was made from; `expiresAt` is an ISO timestamp. */
export const revokeAccessToken = (tx: Tx, id: string, expiresAt: string): Promise<never[]> => revoke.all(tx, { id, expiresAt });

const revoked = statement<{ ids: string[] }, { id: string }>((db, { ids }) =>
  db.selectFrom('revoked_access_tokens').select('id').where(sql<boolean>`id = any(${ids}::uuid[])`),
);

/** Those of these access tokens that were ended before their time. */
export async function findRevokedAccessTokens(db: Db, ids: string[]): Promise<Set<string>> {
  return new Set(ids.length > 0 ? (await revoked.all(db, { ids })).map(({ id }) => id) : []);
}
