import { sql } from 'kysely';
import type { Principal } from '../domain/access/principal';
import { type Role, type Scope, weakerRole } from '../domain/access/scopes';
import type { Db, Tx } from './database';
import { statement } from './statement';

/** A login or an API token with its owner, as far as a Principal needs them. */
export interface CredentialRow {
  credential_id: string;
  expires_at: string;
  owner_kind: 'user' | 'serviceAccount';
  owner_id: string;
  email: string;
  name: string | null;
  owner_role: Role;
  disabled: boolean;
  /** null on a login: the role of its user. */
  token_role: Role | null;
  scopes: Scope[] | null;
  all_environments: boolean;
  environment_ids: string[];
  installation_suspended: boolean;
}

/** Who acts by a credential, and within which limits. */
export const principalOf = (row: CredentialRow, credential: Principal['credential']): Principal => ({
  kind: row.owner_kind,
  id: row.owner_id,
  email: row.email,
  name: row.name,
  role: row.token_role ? weakerRole(row.token_role, row.owner_role) : row.owner_role,
  scopes: row.scopes,
  environmentIds: row.all_environments ? null : new Set(row.environment_ids),
  credential,
  installationSuspended: row.installation_suspended,
});

const ofTokens = sql`
    select t.id as credential_id, t.expires_at,
           case when t.user_id is null then 'serviceAccount' else 'user' end as owner_kind,
           coalesce(u.id, s.id) as owner_id,
           coalesce(u.email, s.name || '@service-account.local') as email,
           coalesce(u.name, s.name) as name,
           coalesce(u.role, s.role) as owner_role, coalesce(u.disabled, s.disabled) as disabled,
           t.role as token_role, t.scopes, t.all_environments,
           array(select environment_id::text from api_token_environments where token_id = t.id) as environment_ids,
           (select suspended from installation) as installation_suspended
    from api_tokens t left join users u on u.id = t.user_id left join service_accounts s on s.id = t.service_account_id`;
const byTokenHash = statement<{ hash: Buffer }, CredentialRow>(
  (_, { hash }) => sql<CredentialRow>`${ofTokens} where t.token_hash = ${hash} and t.revoked_at is null`,
);
const byTokenIds = statement<{ ids: string[] }, CredentialRow>(
  (_, { ids }) => sql<CredentialRow>`${ofTokens} where t.id = any(${ids}::uuid[]) and t.revoked_at is null`,
);

const ofLogins = sql`
    select l.id as credential_id, l.expires_at, 'user' as owner_kind, u.id as owner_id, u.email, u.name,
           u.role as owner_role, u.disabled, null as token_role, null as scopes, true as all_environments,
           '{}'::text[] as environment_ids, (select suspended from installation) as installation_suspended
    from logins l join users u on u.id = l.user_id`;
const byLogin = statement<{ id: string }, CredentialRow>((_, { id }) => sql<CredentialRow>`${ofLogins} where l.id = ${id}`);
const byLoginIds = statement<{ ids: string[] }, CredentialRow>(
  (_, { ids }) => sql<CredentialRow>`${ofLogins} where l.id = any(${ids}::uuid[])`,
);

/** The API token with this SHA-256, or undefined. */
export const findTokenCredential = (db: Db, hash: Buffer): Promise<CredentialRow | undefined> => byTokenHash.first(db, { hash });

/** The login with this id, or undefined once it ended. */
export const findLoginCredential = (db: Db, id: string): Promise<CredentialRow | undefined> => byLogin.first(db, { id });

/** Those of these logins and API tokens that have not ended; expired ones are among them. */
export async function findCredentials(db: Db, loginIds: string[], tokenIds: string[]) {
  const [logins, apiTokens] = await Promise.all([
    loginIds.length > 0 ? byLoginIds.all(db, { ids: loginIds }) : [],
    tokenIds.length > 0 ? byTokenIds.all(db, { ids: tokenIds }) : [],
  ]);
  return { logins, apiTokens };
}

const insert = statement<{ id: string; userId: string; expiresAt: string }, never>(
  (db, v) => db.insertInto('logins').values({ id: v.id, user_id: v.userId, expires_at: v.expiresAt }) as never,
);

/** Opens a login; `expiresAt` is an ISO timestamp. */
export const insertLogin = (tx: Tx, id: string, userId: string, expiresAt: string): Promise<never[]> =>
  insert.all(tx, { id, userId, expiresAt });

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('logins').where('id', '=', id) as never);

/** Ends one login. */
export const deleteLogin = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });

const removeOthers = statement<{ userId: string; exceptId: string | null }, { alive: boolean }>((db, v) =>
  db
    .deleteFrom('logins')
    .where('user_id', '=', v.userId)
    .where(sql<boolean>`id is distinct from ${v.exceptId}`)
    .returning(sql<boolean>`expires_at > now()`.as('alive')),
);

/** Ends all logins of a user but one; gives how many had not expired. */
export async function deleteOtherLogins(tx: Tx, userId: string, exceptId: string | null): Promise<number> {
  return (await removeOthers.all(tx, { userId, exceptId })).filter(({ alive }) => alive).length;
}

const touchTokens = statement<{ ids: string[] }, never>(
  (db, { ids }) =>
    db.updateTable('api_tokens').set({ last_used_at: sql`now()` }).where('id', '=', sql<string>`any(${ids})`) as never,
);
const touchUsers = statement<{ ids: string[] }, never>(
  (db, { ids }) =>
    db.updateTable('users').set({ last_active_at: sql`now()` }).where('id', '=', sql<string>`any(${ids})`) as never,
);

/** Notes that tokens and users were seen now. Not bound to any request, so it takes the pool. */
export async function touchCredentials(db: Db, tokenIds: string[], userIds: string[]): Promise<void> {
  if (tokenIds.length > 0) await touchTokens.all(db, { ids: tokenIds });
  if (userIds.length > 0) await touchUsers.all(db, { ids: userIds });
}
