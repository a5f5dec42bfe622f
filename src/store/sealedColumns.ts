/**
 * Every column that holds sealed records (`sealing.ts`). What is not listed here would be left behind when the master keys
 * are rotated, so `seal` refuses other places, and a test compares the list with the schema.
 */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** The column's name as it is authenticated with the value. */
  readonly place: string;
  /** The primary key. Its text is the row id that is authenticated with the value; bytes as hex. */
  readonly id: string;
  readonly idType: 'uuid' | 'text' | 'bytea';
  /** When rows are void: nobody reads them any more. */
  readonly expiry?: string;
}

export const sealedColumns: readonly SealedColumn[] = [
  { table: 'registries', column: 'token_sealed', place: 'token', id: 'id', idType: 'uuid' },
  { table: 'registries', column: 'password_sealed', place: 'password', id: 'id', idType: 'uuid' },
  { table: 'packages', column: 'password_sealed', place: 'password', id: 'id', idType: 'uuid' },
  { table: 'secrets', column: 'value_sealed', place: 'value_sealed', id: 'id', idType: 'uuid' },
  {
    table: 'environment_ssh',
    column: 'private_key_sealed',
    place: 'private_key_sealed',
    id: 'environment_id',
    idType: 'uuid',
  },
  { table: 'signing_keys', column: 'private_key_sealed', place: 'private_key', id: 'id', idType: 'text' },
  {
    table: 'idempotency_keys',
    column: 'body_sealed',
    place: 'body',
    id: 'key_hash',
    idType: 'bytea',
    expiry: 'expires_at',
  },
];

const places = new Set(sealedColumns.map(({ table, place }) => `${table}.${place}`));

/** Whether values of a place are found when the master keys are rotated. */
export const isSealedPlace = (table: string, place: string): boolean => places.has(`${table}.${place}`);
