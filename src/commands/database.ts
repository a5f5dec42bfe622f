import type { Logger } from 'pino';
import { type Config, ConfigError } from '../config/config';
import { folderKeys, parseMasterKeys } from '../config/keys';
import { takeFolder } from '../integrations/embedded/folderLock';
import { startEmbeddedPostgres } from '../integrations/embedded/postgres';
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

async function openExternal(config: Config, url: string): Promise<OpenedDatabase> {
  if (config.masterKeys === null) {
    throw new ConfigError(
      'PORTOLAN_MASTER_KEYS is missing: with DATABASE_URL set, the keys that seal secrets come from the environment.\n' +
        'Make one with `openssl rand -base64 32` and set PORTOLAN_MASTER_KEYS=k1:<that text>. Keep it: without it, sealed values are lost.',
    );
  }
  return { url, keyring: parseMasterKeys(config.masterKeys), describe: async () => {}, close: async () => {} };
}

async function openEmbedded(config: Config, log: Logger): Promise<OpenedDatabase> {
  const keys = folderKeys(config.dataDir);
  const keyring = parseMasterKeys(config.masterKeys ?? keys.masterKeys);
  const lock = await takeFolder(config.dataDir);
  try {
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
