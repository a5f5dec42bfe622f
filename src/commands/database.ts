import type { Logger } from 'pino';
import { type Config, ConfigError } from '../config/config';
import { folderKeys, hasFolderKeys, parseMasterKeys } from '../config/keys';
import { takeFolder } from '../integrations/embedded/folderLock';
import { FolderInUse, startEmbeddedPostgres } from '../integrations/embedded/postgres';
import { runningEmbeddedPostgres } from '../integrations/embedded/running';
import { openDatabase, ping } from '../store/database';
import type { Keyring } from '../store/sealing';

/** The database of this process, and its keys. */
export interface OpenedDatabase {
  url: string;
  keyring: Keyring;
  /** Tells others who hit the folder lock where this process listens. */
  describe(listenUrl: string): Promise<void>;
  /** Stops the embedded Postgres, if it is this process's own. */
  close(): Promise<void>;
}

/**
 * With DATABASE_URL: that server, and keys from the environment. Without: the embedded Postgres of the data folder, and
 * the keys that the folder keeps. Throws a ConfigError that names the missing variable.
 */
export async function openConfiguredDatabase(config: Config, log: Logger): Promise<OpenedDatabase> {
  return config.databaseUrl === null ? openEmbedded(config, log) : openExternal(config, config.databaseUrl);
}

/**
 * As `openConfiguredDatabase`, beside whoever runs: the embedded Postgres of a service that holds the data folder is joined.
 * Keys are those that the service has after its next start.
 */
export async function joinConfiguredDatabase(config: Config, log: Logger): Promise<OpenedDatabase> {
  if (config.databaseUrl !== null) return openExternal(config, config.databaseUrl);
  if (!hasFolderKeys(config.dataDir)) {
    throw new ConfigError(`${config.dataDir} holds no installation. Set PORTOLAN_DATA to its data folder, or DATABASE_URL.`);
  }
  try {
    return await openEmbedded(config, log);
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    const keys = folderKeys(config.dataDir);
    const url = await runningEmbeddedPostgres(config.dataDir, keys.databasePassword);
    if (url === undefined) {
      throw new ConfigError(`The service of this data folder (process ${error.pid}) starts or stops just now. Try again.`);
    }
    const keyring = parseMasterKeys(config.masterKeys ?? keys.masterKeys);
    return { url, keyring, describe: async () => {}, close: async () => {} };
  }
}

async function openExternal(config: Config, url: string): Promise<OpenedDatabase> {
  if (config.masterKeys === null) {
    throw new ConfigError(
      'PORTOLAN_MASTER_KEYS is missing: with DATABASE_URL set, the keys that seal secrets come from the environment.\n' +
        'Make one with `openssl rand -base64 32` and set PORTOLAN_MASTER_KEYS=k1:<that text>. Keep it: without it, sealed values are lost.',
    );
  }
  const keyring = parseMasterKeys(config.masterKeys);
  await requireAnswer(url);
  return { url, keyring, describe: async () => {}, close: async () => {} };
}

/** Asks the server once, so that a wrong DATABASE_URL is told in words. The URL holds a password and is not repeated. */
async function requireAnswer(url: string): Promise<void> {
  const database = openDatabase({ connectionString: url, poolSize: 1, applicationName: 'portolan start' });
  try {
    await ping(database.db);
  } catch (error) {
    const { host, pathname } = new URL(url);
    throw new ConfigError(
      `The database ${pathname.slice(1)} at ${host} does not answer: ${(error as Error).message || (error as { code?: string }).code}.\n` +
        'Check DATABASE_URL, and that the server runs and lets this user in.',
    );
  } finally {
    await database.close();
  }
}

async function openEmbedded(config: Config, log: Logger): Promise<OpenedDatabase> {
  const lock = await takeFolder(config.dataDir);
  try {
    const keys = folderKeys(config.dataDir);
    const keyring = parseMasterKeys(config.masterKeys ?? keys.masterKeys);
    const server = await startEmbeddedPostgres({
      dataDir: config.dataDir,
      password: keys.databasePassword,
      log: (message, detail) => log.info({ ...detail }, message),
    });
    return {
      url: server.connectionString,
      keyring,
      describe: async (listenUrl) => lock.describe({ url: listenUrl }),
      async close() {
        await server.stop();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
