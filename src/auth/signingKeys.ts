import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { uuidv7 } from 'uuidv7';
import type { Database, Db } from '../store/database';
import { type Keyring, seal, unseal } from '../store/sealing';
import {
  deleteSigningKeysOlderThan,
  insertSigningKey,
  listSigningKeys,
  lockSigningKeys,
  type SigningKeyRow,
} from '../store/signingKeys';

const issuer = 'portolan';
const algorithm = 'ES256';
const rotateAfterDays = 90;

/** A public key as others verify with it (RFC 7517). */
export interface PublicJwk {
  kid: string;
  alg: typeof algorithm;
  use: 'sig';
  kty: string;
  crv: string;
  x: string;
  y: string;
}

export interface SigningKeys {
  /** A JWT of this installation with these claims. */
  sign(claims: JWTPayload & { iat: number; exp: number }): Promise<string>;
  /** The claims of a JWT that this installation signed for one of the audiences; why there are none otherwise. */
  verify(token: string, audiences: string[]): Promise<JWTPayload | 'unknown' | 'expired'>;
  /** The public halves of all keys that still verify, newest first. */
  publicKeys(): Promise<PublicJwk[]>;
  /** Makes a new key when the newest one is 90 days old, and drops those that nothing can be signed with any more. */
  rotate(): Promise<void>;
}

interface LoadedKey {
  id: string;
  publicKey: KeyObject;
  row: SigningKeyRow;
}

const place = (id: string) => ({ table: 'signing_keys', column: 'private_key', rowId: id });

/** Keys of this installation, kept sealed in the database, so that every replica verifies all. No token lives longer than `longestTtlSeconds`. */
export function createSigningKeys(database: Database, keyring: Keyring, longestTtlSeconds: number): SigningKeys {
  let keys: LoadedKey[] = [];
  let signer: { id: string; key: KeyObject } | undefined;
  let loadedAt = 0;

  const load = async (db: Db) => {
    keys = (await listSigningKeys(db)).map((row) => ({
      id: row.id,
      publicKey: createPublicKey({ key: row.public_jwk as never, format: 'jwk' }),
      row,
    }));
    signer = undefined;
    loadedAt = Date.now();
  };

  const rotate = async () => {
    await database.transact(async (tx) => {
      await lockSigningKeys(tx);
      await load(tx);
      const newest = keys[0];
      const age = newest ? Date.now() - Date.parse(newest.row.created_at) : Number.POSITIVE_INFINITY;
      if (age < rotateAfterDays * 86_400_000) return;
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const id = uuidv7();
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      await insertSigningKey(tx, id, seal(keyring, place(id), pem), publicKey.export({ format: 'jwk' }));
      await deleteSigningKeysOlderThan(tx, rotateAfterDays + Math.ceil(longestTtlSeconds / 86_400) + 1);
    });
    await load(database.db);
  };

  const keyFor = async (id: string | undefined): Promise<KeyObject | undefined> => {
    const known = keys.find((key) => key.id === id);
    // Another replica may have made a key since; an unknown id asks the database at most once a second.
    if (!known && Date.now() - loadedAt > 1000) await load(database.db);
    return (known ?? keys.find((key) => key.id === id))?.publicKey;
  };

  return {
    rotate,
    async sign(claims) {
      if (keys.length === 0) await rotate();
      const newest = keys[0] as LoadedKey;
      signer ??= { id: newest.id, key: createPrivateKey(unseal(keyring, place(newest.id), newest.row.private_key_sealed)) };
      return new SignJWT({ ...claims, iss: issuer })
        .setProtectedHeader({ alg: algorithm, kid: signer.id, typ: 'JWT' })
        .sign(signer.key);
    },
    async verify(token, audience) {
      let away: unknown;
      const getKey = async ({ kid }: { kid?: string }) => {
        const key = await keyFor(kid).catch((error: unknown) => {
          away = error;
          return undefined;
        });
        if (!key) throw new Error('unknown key');
        return key;
      };
      try {
        return (await jwtVerify(token, getKey as never, { issuer, audience, algorithms: [algorithm] })).payload;
      } catch (error) {
        // A database that is away is no bad token.
        if (away) throw away;
        // Told only after the signature was found good.
        return error instanceof errors.JWTExpired ? 'expired' : 'unknown';
      }
    },
    async publicKeys() {
      const rows = await listSigningKeys(database.db);
      return rows.map(({ id, public_jwk }) => {
        const { kty, crv, x, y } = public_jwk as PublicJwk;
        return { kid: id, alg: algorithm, use: 'sig', kty, crv, x, y };
      });
    },
  };
}
