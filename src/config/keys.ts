import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

/** Reads `keys.json` of the data folder, or makes it (mode 0600). */
export function folderKeys(dataDir: string): FolderKeys {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'keys.json');
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

function parsed(text: string): Partial<FolderKeys> {
  try {
    return (JSON.parse(text) as Partial<FolderKeys> | null) ?? {};
  } catch {
    return {};
  }
}
