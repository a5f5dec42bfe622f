import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
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
const audience = 'portolan';
const rotateAfterDays = 90;

export interface LoginTokens {
  /** A signed token for a login; dates as JavaScript dates. */
  sign(login: { id: string; userId: string; issuedAt: Date; expiresAt: Date }): Promise<string>;
  /** The login inside a token that this installation signed; why there is none otherwise. */
  verify(token: string): Promise<{ loginId: string } | 'unknown' | 'expired'>;
  /** Makes a new key when the newest one is 90 days old, and drops those that nothing can be signed with any more. */
  rotate(): Promise<void>;
}

interface LoadedKey {
  id: string;
  publicKey: KeyObject;
  row: SigningKeyRow;
}

const place = (id: string) => ({ table: 'signing_keys', column: 'private_key', rowId: id });

/** Login tokens: JWTs signed with ES256, their keys kept sealed in the database, so that every replica verifies all. */
export function createLoginTokens(database: Database, keyring: Keyring, loginTtlSeconds: number): LoginTokens {
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
      await deleteSigningKeysOlderThan(tx, rotateAfterDays + Math.ceil(loginTtlSeconds / 86_400) + 1);
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
    async sign({ id, userId, issuedAt, expiresAt }) {
      if (keys.length === 0) await rotate();
      const newest = keys[0] as LoadedKey;
      signer ??= { id: newest.id, key: createPrivateKey(unseal(keyring, place(newest.id), newest.row.private_key_sealed)) };
      return new SignJWT({ sid: id })
        .setProtectedHeader({ alg: 'ES256', kid: signer.id, typ: 'JWT' })
        .setSubject(userId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(Math.floor(issuedAt.getTime() / 1000))
        .setExpirationTime(Math.floor(expiresAt.getTime() / 1000))
        .sign(signer.key);
    },
    async verify(token) {
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
        const { payload } = await jwtVerify(token, getKey as never, { issuer, audience, algorithms: ['ES256'] });
        return typeof payload.sid === 'string' ? { loginId: payload.sid } : 'unknown';
      } catch (error) {
        // A database that is away is no bad token.
        if (away) throw away;
        // Told only after the signature was found good.
        return error instanceof errors.JWTExpired ? 'expired' : 'unknown';
      }
    },
  };
}
