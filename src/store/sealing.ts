import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isSealedPlace } from './sealedColumns';

/**
 * Secrets at rest: AES-256-GCM, one random 96-bit nonce each, as `v1.<keyId>.<nonce>.<ciphertext and tag>` in base64url.
 * Table, column and row are authenticated with it, so a value that is moved to another row does not open.
 */
export interface Keyring {
  /** The key that seals new values. */
  readonly currentId: string;
  /** 32 bytes each; all of them open. */
  readonly keys: ReadonlyMap<string, Buffer>;
}

export interface SealedPlace {
  table: string;
  column: string;
  rowId: string;
}

const tagBytes = 16;
const associated = ({ table, column, rowId }: SealedPlace) => Buffer.from(`${table}.${column}.${rowId}`);

/** Encrypts a text for one place, which `sealedColumns` lists. */
export function seal(keyring: Keyring, place: SealedPlace, text: string): string {
  if (!isSealedPlace(place.table, place.column)) {
    throw new Error(`${place.table}.${place.column} is not among the sealed columns, so no rotation of the keys would find it.`);
  }
  const key = keyOf(keyring, keyring.currentId);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated(place));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `v1.${keyring.currentId}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`;
}

/** Decrypts what `seal` made for the same place; throws when the key is gone, the place differs, or a bit was changed. */
export function unseal(keyring: Keyring, place: SealedPlace, record: string): string {
  const [version, keyId, nonce, sealed] = record.split('.');
  if (version !== 'v1' || !keyId || !nonce || !sealed) throw new Error('This is no sealed record.');
  const bytes = Buffer.from(sealed, 'base64url');
  // Without the length node takes a tag of four bytes, which is guessed soon enough.
  const length = { authTagLength: tagBytes };
  const decipher = createDecipheriv('aes-256-gcm', keyOf(keyring, keyId), Buffer.from(nonce, 'base64url'), length);
  decipher.setAAD(associated(place)).setAuthTag(bytes.subarray(bytes.length - tagBytes));
  const text = decipher.update(bytes.subarray(0, bytes.length - tagBytes));
  // Nothing is left in this mode; it checks the tag.
  decipher.final();
  return text.toString('utf8');
}

/**
 * Whether a record holds a text; what is compared are hashes, so the time it takes tells nothing of where they differ. A
 * record that does not open any more holds no text that somebody can send.
 */
export function holdsText(keyring: Keyring, place: SealedPlace, record: string, text: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  try {
    return timingSafeEqual(digest(unseal(keyring, place, record)), digest(text));
  } catch {
    return false;
  }
}

function keyOf(keyring: Keyring, id: string): Buffer {
  const key = keyring.keys.get(id);
  if (!key) throw new Error(`Master key ${id} is not configured, but values are sealed with it.`);
  return key;
}
