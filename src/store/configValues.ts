import { sql } from 'kysely';
import type { Value, Values } from '../domain/config/values';
import type { Db } from './database';
import { type Keyring, unseal } from './sealing';
import { statement } from './statement';

/** What an environment has for a key: a var, a secret, or both. */
export interface KeyedValueRow {
  key: string;
  var_value: string | null;
  secret_id: string | null;
  value_sealed: string | null;
}

// Sets of keys and no `any`: that compares each row with each key.
const byKeys = statement<{ environmentId: string; keys: string[] }, KeyedValueRow>(
  (_, v) => sql<KeyedValueRow>`
    select coalesce(vars.key, secrets.key) as key, vars.value as var_value, secrets.id as secret_id, secrets.value_sealed
    from (select key, value from vars
      where environment_id = ${v.environmentId}::uuid and key in (select unnest(${v.keys}::text[]))) as vars
    full join (select id, key, value_sealed from secrets
      where environment_id = ${v.environmentId}::uuid and key in (select unnest(${v.keys}::text[]))) as secrets
      on secrets.key = vars.key`,
);

/** Values of an environment by key, secrets still sealed. Keys without a value have no row. */
export const valuesOf = (db: Db, environmentId: string, keys: readonly string[]): Promise<KeyedValueRow[]> =>
  byKeys.all(db, { environmentId, keys: [...keys] });

/** A secret, still sealed. */
export interface SealedSecretRow {
  id: string;
  value_sealed: string;
}

const secrets = statement<{ environmentId: string }, SealedSecretRow>((db, { environmentId }) =>
  db.selectFrom('secrets').select(['id', 'value_sealed']).where('environment_id', '=', environmentId),
);

/** All secrets of an environment, for the mask. */
export const secretsOf = (db: Db, environmentId: string): Promise<SealedSecretRow[]> => secrets.all(db, { environmentId });

/** Secrets in clear by id, for those who need them as values and for the mask: opening one takes longer than finding it. */
export type OpenedSecrets = Map<string, string>;

function openSecret(keyring: Keyring, { id, value_sealed }: SealedSecretRow, opened: OpenedSecrets): string {
  const value = opened.get(id) ?? unseal(keyring, { table: 'secrets', column: 'value_sealed', rowId: id }, value_sealed);
  opened.set(id, value);
  return value;
}

/** The values of rows in clear, where the secret wins over the var of the same key. */
export function openValues(keyring: Keyring, rows: readonly KeyedValueRow[], opened: OpenedSecrets = new Map()): Values {
  const values = new Map<string, Value>();
  for (const { key, var_value, secret_id, value_sealed } of rows) {
    if (secret_id !== null && value_sealed !== null) {
      values.set(key, { value: openSecret(keyring, { id: secret_id, value_sealed }, opened), secret: true });
    } else if (var_value !== null) values.set(key, { value: var_value, secret: false });
  }
  return values;
}

/** The secrets of rows in clear. */
export const openSecrets = (keyring: Keyring, rows: readonly SealedSecretRow[], opened: OpenedSecrets = new Map()): string[] =>
  rows.map((row) => openSecret(keyring, row, opened));
