import { type Kysely, type Selectable, sql } from 'kysely';
import type { DB, Secrets } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { isUsed, type KeyUses, keyUses } from './keyUses';
import { type ListSpec, listPage } from './list';
import type { SealedPlace } from './sealing';
import { statement } from './statement';

/** A secret with what uses it; its value is not read with it. */
export type SecretRow = Omit<Selectable<Secrets>, 'value_sealed'> & KeyUses;
/** With the sealed value, for whoever compares or reveals it. */
export type SealedSecretRow = SecretRow & Pick<Selectable<Secrets>, 'value_sealed'>;

/** Where the value of a secret is sealed. */
export const placeOfSecret = (id: string): SealedPlace => ({ table: 'secrets', column: 'value_sealed', rowId: id });

const columns = [
  'secrets.id',
  'secrets.environment_id',
  'secrets.key',
  'secrets.description',
  'secrets.never_reveal',
  'secrets.value_updated_at',
  'secrets.version',
  'secrets.created_at',
  'secrets.updated_at',
] as const;
const computed = keyUses('secrets');
const withUses = (db: Kysely<DB>) => db.selectFrom('secrets').select(columns).select(computed);

const byId = statement<{ id: string }, SecretRow>((db, { id }) => withUses(db).where('secrets.id', '=', id));
const byIdLocked = statement<{ id: string }, SealedSecretRow>((db, { id }) =>
  withUses(db).select('secrets.value_sealed').where('secrets.id', '=', id).forUpdate('secrets'),
);
const sealedById = statement<{ id: string }, Selectable<Secrets>>((db, { id }) =>
  db.selectFrom('secrets').selectAll().where('id', '=', id),
);

/** One secret, or undefined. */
export const findSecret = (db: Db, id: string): Promise<SecretRow | undefined> => byId.first(db, { id });

/** One secret with its sealed value, locked until the transaction ends. */
export const lockSecret = (tx: Tx, id: string): Promise<SealedSecretRow | undefined> => byIdLocked.first(tx, { id });

/** One secret with its sealed value, without what uses it. */
export const findSealedSecret = (db: Db, id: string): Promise<Selectable<Secrets> | undefined> => sealedById.first(db, { id });

const list: ListSpec<SecretRow> = {
  name: 'secrets',
  rows: withUses as never,
  countable: (db) => db.selectFrom('secrets') as never,
  id: sql`secrets.id`,
  sort: {
    key: { expression: sql`secrets.key`, type: 'text' },
    updatedAt: { expression: sql`secrets.updated_at`, type: 'timestamp' },
  },
  filters: {
    environmentId: (id: string) => sql<boolean>`secrets.environment_id = ${id}`,
    key: (keys: string[]) => sql<boolean>`secrets.key = any(${keys})`,
    neverReveal: (flag: boolean) => sql<boolean>`secrets.never_reveal = ${flag}`,
    usedIn: (environmentId: string) => isUsed('secrets', environmentId),
    unusedIn: (environmentId: string) => sql<boolean>`not ${isUsed('secrets', environmentId)}`,
    q: (pattern: string) => sql<boolean>`secrets.key ilike ${pattern}`,
  },
  parent: { table: 'environments', filter: 'environmentId' },
  counted: 'secrets',
};

export interface SecretFilters {
  environmentId: string;
  key?: string[] | undefined;
  used?: boolean | undefined;
  neverReveal?: boolean | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the secrets of one environment. */
export const listSecrets = (db: Db, page: PageRequest, { used, ...filters }: SecretFilters) =>
  listPage(db, list, page, {
    ...filters,
    usedIn: used === true ? filters.environmentId : undefined,
    unusedIn: used === false ? filters.environmentId : undefined,
  });

const byKey = statement<{ environmentId: string; key: string }, { id: string }>((db, v) =>
  db.selectFrom('secrets').select('id').where('environment_id', '=', v.environmentId).where('key', '=', v.key),
);

/** The secret that has a key in an environment. */
export const findSecretByKey = (db: Db, environmentId: string, key: string): Promise<{ id: string } | undefined> =>
  byKey.first(db, { environmentId, key });

export interface NewSecret {
  id: string;
  environment_id: string;
  key: string;
  value_sealed: string;
  description: string | null;
  never_reveal: boolean;
}

const insert = statement<NewSecret, SecretRow>((db, v) =>
  db
    .insertInto('secrets')
    .values({
      id: v.id,
      environment_id: v.environment_id,
      key: v.key,
      value_sealed: v.value_sealed,
      description: v.description,
      never_reveal: v.never_reveal,
    })
    .returning(columns)
    .returning(computed),
);

/** Adds a secret; gives the row as stored. */
export async function insertSecret(tx: Tx, values: NewSecret): Promise<SecretRow> {
  return (await insert.first(tx, values)) as SecretRow;
}

interface SecretValues {
  id: string;
  /** null keeps the value: it is no rotation. */
  value_sealed: string | null;
  description: string | null;
  never_reveal: boolean;
}

const update = statement<SecretValues, SecretRow>((db, v) =>
  db
    .updateTable('secrets')
    .set({
      value_sealed: sql`coalesce(${v.value_sealed}, value_sealed)`,
      value_updated_at: sql`case when ${v.value_sealed}::text is null then value_updated_at else now() end`,
      description: v.description,
      never_reveal: v.never_reveal,
      version: sql`version + 1`,
      updated_at: sql`now()`,
    })
    .where('id', '=', v.id)
    .returning(columns)
    .returning(computed),
);

/** Replaces what a user sets on a locked secret, and counts the version up. */
export async function updateSecretRow(tx: Tx, values: SecretValues): Promise<SecretRow> {
  return (await update.first(tx, values)) as SecretRow;
}

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('secrets').where('id', '=', id) as never);

/** Deletes a locked secret. */
export const deleteSecretRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });
