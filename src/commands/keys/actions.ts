import { type Config, ConfigError } from '../../config/config';
import { addFolderKey, hasFolderKeys, removeFolderKey } from '../../config/keys';
import { createLog } from '../../context';
import { announcementsOfProcesses, announcesKey, announcesSealing } from '../../store/announcedKeys';
import { type Database, openDatabase } from '../../store/database';
import { countSealed } from '../../store/keyRotation';
import type { Keyring } from '../../store/sealing';
import { joinConfiguredDatabase } from '../database';
import type { KeysParts } from './parts';
import { progressLine } from './progress';
import { type Rotation, rotate, totalOf } from './rotate';
import { advice, keyStatus, missingKeys, statusTable } from './status';

async function withDatabase<T>(config: Config, work: (database: Database, keyring: Keyring) => Promise<T>): Promise<T> {
  const opened = await joinConfiguredDatabase(config, createLog('warn'));
  const database = openDatabase({ connectionString: opened.url, poolSize: 2, applicationName: 'portolan command' });
  try {
    return await work(database, opened.keyring);
  } catch (error) {
    // undefined_table, undefined_column
    const isOlder = ['42P01', '42703'].includes((error as { code?: string }).code ?? '');
    throw isOlder
      ? new ConfigError('The database is of an older version. Run `portolan migrate` first, or start Portolan.')
      : error;
  } finally {
    await database.close();
    await opened.close();
  }
}

/** Prints how many values are sealed with which key. */
export async function status({ config, print }: KeysParts, json: boolean): Promise<number> {
  const keys = await withDatabase(await config(), async ({ db }, keyring) => keyStatus(keyring, await countSealed(db)));
  print(json ? JSON.stringify({ keys }, null, 2) : `${statusTable(keys)}\n\n${advice(keys)}`);
  return missingKeys(keys).length > 0 ? 1 : 0;
}

export interface RotateOptions {
  batchSize: number;
  force?: boolean;
}

/** Seals every value with the first key. */
export async function rotateKeys(parts: KeysParts, options: RotateOptions, signal: AbortSignal): Promise<number> {
  return withDatabase(await parts.config(), async (database, keyring) => {
    const missing = missingKeys(keyStatus(keyring, await countSealed(database.db)));
    if (missing.length > 0) {
      const named = missing.map(({ id, values }) => `${id} (${values} values)`).join(', ');
      throw new ConfigError(`Values are sealed with keys that are not configured: ${named}. Nothing was changed.`);
    }
    if (!options.force) await requireKnownKey(database, keyring.currentId);
    const began = performance.now();
    const line = progressLine(parts.tell, parts.isTerminal);
    const { batchSize } = options;
    const rotation = await rotate({ database, keyring, batchSize, signal, onProgress: line.show }).finally(line.end);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    parts.print(`Sealed ${rotation.rotated} values with ${keyring.currentId} in ${seconds} s.`);
    for (const text of shortfalls(rotation, keyring.currentId)) parts.tell(`portolan: ${text}\n`);
    return rotation.remaining.length + rotation.unreadable.length > 0 || rotation.ended ? 1 : 0;
  });
}

/** What is rotated opens in the processes that run now, or nothing is. */
async function requireKnownKey(database: Database, keyId: string): Promise<void> {
  const processes = await announcementsOfProcesses(database.db);
  const without = processes.filter((announcement) => !announcesKey(announcement, keyId));
  if (without.length === 0) return;
  throw new ConfigError(
    `${without.length} running ${without.length === 1 ? 'process does' : 'processes do'} not have the key ${keyId}, and could not open what is sealed with it.\n` +
      'Restart Portolan with all keys first. Nothing was changed.',
  );
}

/** What a rotation left undone, and why. */
function shortfalls({ remaining, unreadable, ended }: Rotation, keyId: string): string[] {
  const texts = unreadable
    .slice(0, 20)
    .map(({ table, column, rowId, keyId: key }) => `${table}.${column} of ${rowId} does not open with its key ${key}.`);
  if (unreadable.length > 20) texts.push(`${unreadable.length - 20} more values do not open.`);
  const left = totalOf(remaining);
  if (ended) texts.push(`ended with ${left} values left; start it again to go on.`);
  else if (left > 0) {
    texts.push(`${left} values are still sealed with another key: a process changes them, or seals with it. Make ${keyId} its`);
    texts.push('first key, and start this again.');
  }
  return texts;
}

/** The keys of the data folder, unless they come from elsewhere. */
function folderOf(config: Config): string {
  if (config.databaseUrl !== null || config.masterKeys !== null) {
    throw new ConfigError(
      'The keys of this installation come from PORTOLAN_MASTER_KEYS, so change them there: the first one seals, all open.\n' +
        'Make a key with `openssl rand -base64 32`, and write it as id:key.',
    );
  }
  if (!hasFolderKeys(config.dataDir)) throw new ConfigError(`${config.dataDir} keeps no keys: start Portolan first.`);
  return config.dataDir;
}

/** Makes a key in the data folder. */
export async function add({ config, print }: KeysParts, wishedId: string | undefined): Promise<number> {
  const folder = folderOf(await config());
  const id = addFolderKey(folder, wishedId);
  print(`Added ${id}, which seals from the next start on. Restart Portolan, then run \`portolan keys rotate\`.`);
  print(`Back ${folder}/keys.json up: what is sealed with ${id} cannot be read without it.`);
  return 0;
}

/** Takes a key out of the data folder that nothing is sealed with. */
export async function remove({ config, print }: KeysParts, id: string): Promise<number> {
  const present = await config();
  const folder = folderOf(present);
  await withDatabase(present, async ({ db }) => {
    const sealed = totalOf((await countSealed(db)).filter(({ keyId }) => keyId === id));
    if (sealed > 0) throw new ConfigError(`${sealed} values are sealed with ${id}. Run \`portolan keys rotate\` first.`);
    const sealing = (await announcementsOfProcesses(db)).some((announcement) => announcesSealing(announcement, id));
    if (sealing) throw new ConfigError(`Portolan runs with ${id} as its first key. Restart it first.`);
    removeFolderKey(folder, id);
  });
  print(`Removed ${id}. Keep it as long as backups that were made before the rotation.`);
  return 0;
}
