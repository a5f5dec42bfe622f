import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { boot } from '../../src/commands/boot';
import { createContext } from '../../src/context';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/integrations/embedded/postgres';
import { testConfig, testKeyring } from './config';
import { ensureRegistry } from './registry/binary';

declare global {
  var portolanTestServer: { server: EmbeddedPostgres; folder: string } | undefined;
}

/**
 * One real Postgres for the whole run, and in it a database that was migrated and booted once: each test file gets a
 * copy of it, which takes some 40 ms.
 */
export default async function globalSetup(): Promise<void> {
  ensureRegistry((line) => process.stderr.write(`\n${line}\n`));
  const folder = mkdtempSync(join(tmpdir(), 'portolan-test-'));
  const server = await startEmbeddedPostgres({
    dataDir: folder,
    password: 'test',
    log: () => {},
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  });
  globalThis.portolanTestServer = { server, folder };
  process.env.TEST_POSTGRES = server.connectionString;
  process.env.TEST_FOLDER = folder;
  const client = new Client({ connectionString: server.connectionString });
  await client.connect();
  await client.query('create database portolan_template');
  await client.end();
  const databaseUrl = server.connectionString.replace(/\/portolan$/, '/portolan_template');
  const context = createContext({ config: testConfig(), databaseUrl, keyring: testKeyring });
  await boot(context);
  await context.close();
}
