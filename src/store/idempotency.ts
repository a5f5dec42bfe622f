import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Tx } from './database';
import { type Keyring, seal, unseal } from './sealing';
import { statement } from './statement';

/** The answer that a key keeps. */
export interface StoredAnswer {
  status: number;
  location: string | null;
  etag: string | null;
  body: string;
}

export type Claim =
  | { state: 'free' }
  /** Another request with this key has not ended. */
  | { state: 'running' }
  | { state: 'done'; answer: StoredAnswer }
  /** The key was used for another body. */
  | { state: 'reused' };

const lock = statement<{ lockId: string }, { free: boolean }>(
  (_, { lockId }) => sql<{ free: boolean }>`select pg_try_advisory_xact_lock(${lockId}::bigint) as free`,
);

interface KeyRow {
  body_hash: Buffer;
  /** null: leased, and not answered yet. */
  status: number | null;
  location: string | null;
  etag: string | null;
  body_sealed: string | null;
}
const find = statement<{ keyHash: Buffer }, KeyRow>((db, { keyHash }) =>
  db
    .selectFrom('idempotency_keys')
    .select(['body_hash', 'status', 'location', 'etag', 'body_sealed'])
    .where('key_hash', '=', keyHash)
    .where('expires_at', '>', sql<string>`now()`),
);

const place = (keyHash: Buffer) => ({ table: 'idempotency_keys', column: 'body', rowId: keyHash.toString('hex') });

/**
 * Claims a key for this transaction. The claim is a lock that the transaction holds: it ends with the transaction, also
 * when the process dies, and then nothing was changed. Lock first, look second - in one statement the look would use a
 * snapshot from before the lock, and miss a result that was committed in between.
 * @param keyHash SHA-256 over principal, operation, path, query and key
 */
export async function claimIdempotencyKey(tx: Tx, keyring: Keyring, keyHash: Buffer, bodyHash: Buffer): Promise<Claim> {
  const locked = await lock.first(tx, { lockId: keyHash.readBigInt64BE(0).toString() });
  if (!locked?.free) return { state: 'running' };
  const row = await find.first(tx, { keyHash });
  if (!row) return { state: 'free' };
  if (row.status === null) return { state: 'running' };
  if (!row.body_hash.equals(bodyHash)) return { state: 'reused' };
  const body = row.body_sealed === null ? '' : unseal(keyring, place(keyHash), row.body_sealed);
  return { state: 'done', answer: { status: row.status, location: row.location, etag: row.etag, body } };
}

interface KeyValues {
  keyHash: Buffer;
  bodyHash: Buffer;
  status: number;
  location: string | null;
  etag: string | null;
  bodySealed: string | null;
}
const keep = statement<KeyValues, never>((db, v) => {
  const values = {
    body_hash: v.bodyHash,
    status: v.status,
    location: v.location,
    etag: v.etag,
    body_sealed: v.bodySealed,
    expires_at: sql<string>`now() + interval '24 hours'`,
  };
  return db
    .insertInto('idempotency_keys')
    .values({ key_hash: v.keyHash, ...values })
    .onConflict((conflict) => conflict.column('key_hash').doUpdateSet(values)) as never;
});

/** Keeps the answer of a claimed key for 24 hours, in the transaction of the change; the body is sealed. */
export async function keepIdempotentAnswer(
  tx: Tx,
  keyring: Keyring,
  keyHash: Buffer,
  bodyHash: Buffer,
  answer: StoredAnswer,
): Promise<void> {
  const bodySealed = answer.body === '' ? null : seal(keyring, place(keyHash), answer.body);
  const { status, location, etag } = answer;
  await keep.all(tx, { keyHash, bodyHash, status, location, etag, bodySealed });
}

const lease = statement<{ keyHash: Buffer; bodyHash: Buffer; seconds: number }, never>((db, v) => {
  const values = { body_hash: v.bodyHash, expires_at: sql<string>`now() + make_interval(secs => ${v.seconds})` };
  return db
    .insertInto('idempotency_keys')
    .values({ key_hash: v.keyHash, ...values })
    .onConflict((conflict) =>
      conflict.column('key_hash').doUpdateSet({ ...values, status: null, location: null, etag: null, body_sealed: null }),
    ) as never;
});

/** Holds a claimed key beyond this transaction, for work that no transaction may be open around. */
export async function placeIdempotencyLease(tx: Tx, keyHash: Buffer, bodyHash: Buffer, seconds: number): Promise<void> {
  await lease.all(tx, { keyHash, bodyHash, seconds });
}

const release = statement<{ keyHash: Buffer }, never>(
  (db, { keyHash }) => db.deleteFrom('idempotency_keys').where('key_hash', '=', keyHash).where('status', 'is', null) as never,
);

/** Gives a lease back: nothing was changed. */
export async function releaseIdempotencyLease(tx: Tx, keyHash: Buffer): Promise<void> {
  await release.all(tx, { keyHash });
}

/** SHA-256 over texts, with borders that no text can imitate. */
export function hashOf(parts: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
