import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Keyring } from '../store/sealing';
import { ConfigError } from './config';

/** Parses `id:base64,id:base64`: the first key seals, all open. Each is 32 bytes. */
export function parseMasterKeys(text: string): Keyring {
  const keys = new Map<string, Buffer>();
  for (const entry of text.split(',')) {
    const colon = entry.indexOf(':');
    const id = entry.slice(0, colon).trim();
    const key = Buffer.from(entry.slice(colon + 1).trim(), 'base64');
    if (colon < 1 || !/^[A-Za-z0-9_-]{1,32}$/.test(id)) {
      throw new ConfigError('PORTOLAN_MASTER_KEYS: each key is written as id:base64, the id of letters, digits, _ and -.');
    }
    if (key.length !== 32) {
      throw new ConfigError(
        `PORTOLAN_MASTER_KEYS: key ${id} has ${key.length} bytes, not 32. Make one with: openssl rand -base64 32`,
      );
    }
    if (keys.has(id)) throw new ConfigError(`PORTOLAN_MASTER_KEYS: the id ${id} stands twice.`);
    keys.set(id, key);
  }
  return { currentId: keys.keys().next().value as string, keys };
}

/** Secrets of an installation that keeps its own data: made once, in a file that only its owner reads. */
export interface FolderKeys {
  masterKeys: string;
  databasePassword: string;
}

const fileOf = (dataDir: string): string => join(dataDir, 'keys.json');

/** Whether a data folder keeps keys. */
export const hasFolderKeys = (dataDir: string): boolean => existsSync(fileOf(dataDir));

/** Reads `keys.json` of the data folder, or makes it (mode 0600). */
export function folderKeys(dataDir: string): FolderKeys {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = fileOf(dataDir);
  if (!existsSync(file)) {
    const keys: FolderKeys = {
      masterKeys: `k1:${randomBytes(32).toString('base64')}`,
      databasePassword: randomBytes(24).toString('base64url'),
    };
    // `wx`: of two processes that start together, one makes the keys and both use them.
    try {
      writeFileSync(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  chmodSync(file, 0o600);
  const keys = parsed(readFileSync(file, 'utf8'));
  if (typeof keys.masterKeys !== 'string' || typeof keys.databasePassword !== 'string') {
    throw new ConfigError(`${file} is damaged: it must hold masterKeys and databasePassword. Restore it from a backup.`);
  }
  return keys as FolderKeys;
}

/**
 * Makes a key, and puts it in front of the others in `keys.json`: whoever reads the file from now on seals with it. Gives
 * its id.
 * @param wishedId absent: the next `k` and number
 */
export function addFolderKey(dataDir: string, wishedId?: string): string {
  const keys = folderKeys(dataDir);
  const { keys: present } = parseMasterKeys(keys.masterKeys);
  const numbers = [...present.keys()].map((id) => Number(/^k(\d{1,9})$/.exec(id)?.[1] ?? 0));
  const id = wishedId ?? `k${Math.max(...numbers) + 1}`;
  const masterKeys = `${id}:${randomBytes(32).toString('base64')},${keys.masterKeys}`;
  if (present.has(id)) throw new ConfigError(`There is a key ${id} already.`);
  parseMasterKeys(masterKeys);
  replaceKeys(dataDir, { ...keys, masterKeys });
  return id;
}

/** Takes a key other than the first one out of `keys.json`. */
export function removeFolderKey(dataDir: string, id: string): void {
  const keys = folderKeys(dataDir);
  const { currentId, keys: present } = parseMasterKeys(keys.masterKeys);
  if (!present.has(id)) throw new ConfigError(`There is no key ${id}; those are ${[...present.keys()].join(', ')}.`);
  if (id === currentId) throw new ConfigError(`${id} is the key that seals. Add another one first.`);
  const masterKeys = [...present].filter(([other]) => other !== id).map(([other, key]) => `${other}:${key.toString('base64')}`);
  replaceKeys(dataDir, { ...keys, masterKeys: masterKeys.join(',') });
}

/** A kill at any moment leaves the old file or the new one, whole. */
function replaceKeys(dataDir: string, keys: FolderKeys): void {
  const file = fileOf(dataDir);
  const draft = `${file}.new`;
  const handle = openDraft(draft);
  try {
    writeFileSync(handle, `${JSON.stringify(keys, null, 2)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
  const folder = openSync(dataDir, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** `wx`: of two processes that change the keys together, one is told to wait. */
function openDraft(draft: string): number {
  try {
    return openSync(draft, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new ConfigError(`Another command changes the keys now. If none does, remove ${draft} and try again.`);
  }
}

function parsed(text: string): Partial<FolderKeys> {
  try {
    return (JSON.parse(text) as Partial<FolderKeys> | null) ?? {};
  } catch {
    return {};
  }
}
