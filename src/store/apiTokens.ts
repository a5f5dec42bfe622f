import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';

/** An API token with its owner and its environments; its hash stays in the database. */
export interface ApiTokenRow {
  id: string;
  name: string;
  user_id: string | null;
  service_account_id: string | null;
  role: string;
  scopes: string[] | null;
  all_environments: boolean;
  expires_at: string;
  token_prefix: string;
  last_used_at: string | null;
  revoked_at: string | null;
  version: number;
  created_at: string;
  updated_at: string;
  owner_user: { id: string; email: string; name: string | null } | null;
  owner_service_account: { id: string; name: string; disabled: boolean } | null;
  environments: { id: string; name: string }[];
}

const ownerUser = sql<ApiTokenRow['owner_user']>`(
  select json_build_object('id', id, 'email', email, 'name', name) from users where id = api_tokens.user_id)`;
const ownerServiceAccount = sql<ApiTokenRow['owner_service_account']>`(
  select json_build_object('id', id, 'name', name, 'disabled', disabled)
  from service_accounts where id = api_tokens.service_account_id)`;
const environments = sql<ApiTokenRow['environments']>`(
  select coalesce(json_agg(json_build_object('id', environments.id, 'name', environments.name) order by environments.name), '[]')
  from api_token_environments join environments on environments.id = environment_id where token_id = api_tokens.id)`;

/** Expired tokens are shown for 30 days, so that their owners see why something stopped. */
export const tokenIsShown = sql<boolean>`api_tokens.expires_at > now() - interval '30 days'`;

const shown = (db: Kysely<DB>) => db.selectFrom('api_tokens').where(tokenIsShown);
const withOwner = (db: Kysely<DB>) =>
  shown(db).select([
    'id',
    'name',
    'user_id',
    'service_account_id',
    'role',
    'scopes',
    'all_environments',
    'expires_at',
    'token_prefix',
    'last_used_at',
    'revoked_at',
    'version',
    'created_at',
    'updated_at',
    ownerUser.as('owner_user'),
    ownerServiceAccount.as('owner_service_account'),
    environments.as('environments'),
  ]);

const byId = statement<{ id: string }, ApiTokenRow>((db, { id }) => withOwner(db).where('id', '=', id));
const byIdLocked = statement<{ id: string }, ApiTokenRow>((db, { id }) =>
  withOwner(db).where('id', '=', id).forUpdate('api_tokens'),
);

/** One token, or undefined. */
export const findApiToken = (db: Db, id: string): Promise<ApiTokenRow | undefined> => byId.first(db, { id });

/** One token, locked until the transaction ends. */
export const lockApiToken = (tx: Tx, id: string): Promise<ApiTokenRow | undefined> => byIdLocked.first(tx, { id });

const list: ListSpec<ApiTokenRow> = {
  name: 'api_tokens',
  rows: withOwner as never,
  countable: shown as never,
  id: sql`api_tokens.id`,
  sort: {
    createdAt: { expression: sql`api_tokens.created_at`, type: 'timestamp' },
    name: { expression: sql`api_tokens.name`, type: 'text' },
    expiresAt: { expression: sql`api_tokens.expires_at`, type: 'timestamp' },
    lastUsedAt: { expression: sql`coalesce(api_tokens.last_used_at, '-infinity')`, type: 'timestamp' },
  },
  filters: {
    ownerUserId: (ids: string[]) => sql<boolean>`api_tokens.user_id = any(${ids})`,
    ownerServiceAccountId: (ids: string[]) => sql<boolean>`api_tokens.service_account_id = any(${ids})`,
    expired: (flag: boolean) => sql<boolean>`(api_tokens.expires_at <= now()) = ${flag}`,
    q: (pattern: string) => sql<boolean>`api_tokens.name ilike ${pattern}`,
  },
};

export interface ApiTokenFilters {
  ownerUserId?: string[] | undefined;
  ownerServiceAccountId?: string[] | undefined;
  expired?: boolean | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of tokens, of all owners unless filtered. */
export const listApiTokens = (db: Db, page: PageRequest, filters: ApiTokenFilters) => listPage(db, list, page, { ...filters });

export interface ApiTokenValues {
  id: string;
  name: string;
  token_hash: Buffer;
  token_prefix: string;
  user_id: string | null;
  service_account_id: string | null;
  role: string;
  scopes: readonly string[] | null;
  all_environments: boolean;
  /** ISO timestamp. */
  expires_at: string;
}

const insert = statement<ApiTokenValues, never>((db, v) =>
  db.insertInto('api_tokens').values({
    id: v.id,
    name: v.name,
    token_hash: v.token_hash,
    token_prefix: v.token_prefix,
    user_id: v.user_id,
    service_account_id: v.service_account_id,
    role: v.role,
    scopes: v.scopes as string[] | null,
    all_environments: v.all_environments,
    expires_at: v.expires_at,
  }) as never,
);
const limit = statement<{ id: string; environmentIds: readonly string[] }, never>(
  (_, v) => sql<never>`
    insert into api_token_environments (token_id, environment_id) select ${v.id}, unnest(${v.environmentIds}::uuid[])`,
);

/** Adds a token that is limited to the given environments, if it is limited; gives it as it is shown. */
export async function insertApiToken(tx: Tx, values: ApiTokenValues, environmentIds: readonly string[]): Promise<ApiTokenRow> {
  await insert.all(tx, values);
  if (environmentIds.length > 0) await limit.all(tx, { id: values.id, environmentIds });
  return (await findApiToken(tx, values.id)) as ApiTokenRow;
}

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('api_tokens').where('id', '=', id) as never);

/** Deletes a locked token; nothing is left that it could be checked against. */
export const deleteApiTokenRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });

const known = statement<{ ids: readonly string[] }, { id: string }>((db, { ids }) =>
  db.selectFrom('environments').select('id').where(sql<boolean>`id = any(${ids})`),
);

/** Those of the given ids that environments have. */
export async function knownEnvironments(db: Db, ids: readonly string[]): Promise<Set<string>> {
  return new Set((await known.all(db, { ids })).map(({ id }) => id));
}
