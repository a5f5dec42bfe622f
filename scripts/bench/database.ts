import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { hashApiToken, newApiToken, prefixOf } from '../../src/auth/apiTokens';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/integrations/embedded/postgres';

export const connections = 10;
export const masterKeys = `k1:${randomBytes(32).toString('base64')}`;

export interface BenchDatabase {
  url: string;
  token: string;
  environmentId: string;
  /** One row for each connection of the load. */
  registryIds: string[];
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

const uuid = (n: number) => `01920000-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** A real Postgres with its safe defaults, unpinned; `migrate` brings it to the schema before rows are added. */
export async function startBenchDatabase(migrate: (url: string) => Promise<void>): Promise<BenchDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-bench-'));
  const server: EmbeddedPostgres = await startEmbeddedPostgres({
    dataDir: folder,
    password: 'bench',
    log: () => {},
    settings: { shared_buffers: '512MB' },
  });
  await migrate(server.connectionString);
  const client = new Client({ connectionString: server.connectionString });
  await client.connect();
  const sql = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows as Record<string, unknown>[];
  const token = newApiToken();
  const environmentId = uuid(1);
  const registryIds = Array.from({ length: connections }, (_, index) => uuid(100 + index));
  await sql("insert into environments (id, name) values ($1, 'bench')", [environmentId]);
  await sql("insert into users (id, email, password_hash, role) values ($1, 'bench@example.com', 'none', 'admin')", [uuid(2)]);
  await sql(
    `insert into api_tokens (id, name, token_hash, token_prefix, user_id, role, all_environments, expires_at)
     values ($1, 'bench', $2, $3, $4, 'admin', true, '2999-01-01')`,
    [uuid(3), hashApiToken(token), prefixOf(token), uuid(2)],
  );
  for (const id of registryIds) {
    await sql(
      "insert into registries (id, environment_id, name, type, registry_url) values ($1, $2, $3, 'generic', 'ghcr.io')",
      [id, environmentId, `registry-${id.slice(-3)}`],
    );
  }
  return {
    url: server.connectionString,
    token,
    environmentId,
    registryIds,
    sql,
    async close() {
      await client.end();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
