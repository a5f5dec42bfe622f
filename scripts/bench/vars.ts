import type { CompiledQuery } from 'kysely';
import { openDatabase } from '../../src/store/database';
import { listSecrets } from '../../src/store/secrets';
import { listVars } from '../../src/store/vars';
import type { BenchDatabase } from './database';
import { load, median } from './processes';
import { listening } from './selectors';

/** Vars and secrets of one environment, half of each: the same keys in every environment, as in life. */
const perEnvironment = 400;
export const sizes = [1_000, 200_000] as const;

const idOf = (range: string, number: string) => `('${range}-0000-7000-8000-' || lpad((${number})::text, 12, '0'))::uuid`;
const environmentOf = (n: string) => idOf('01970000', n);
const firstEnvironment = '01970000-0000-7000-8000-000000000001';

/**
 * Fills environments up to a number of vars and secrets. Each has 20 config files with 20 keys each, 4 fragments with 5
 * keys in all of these files, 10 services with 4 keys, and a placement of each of them that gets two of the files.
 */
async function fill({ sql }: BenchDatabase, present: number, size: number): Promise<void> {
  const before = Math.ceil(present / perEnvironment);
  const environments = Math.ceil(size / perEnvironment);
  const range = [before + 1, environments];
  const forEach = (count: number) => `generate_series($1::int, $2::int) e, generate_series(1, ${count}) n`;
  const number = (count: number) => `e * ${count} + n`;
  await sql(
    `insert into environments (id, name) select ${environmentOf('e')}, 'valued-' || e from generate_series($1::int, $2::int) e`,
    range,
  );
  const half = (table: string, remainder: number, column: string, value: string) =>
    sql(
      `insert into ${table} (id, environment_id, key, ${column}, updated_at)
       select ${idOf('01980000', 'n')}, ${environmentOf(`1 + (n - 1) / ${perEnvironment}`)},
         'KEY_' || lpad(((n - 1) % ${perEnvironment} / 2)::text, 3, '0'), ${value}, now() - n * interval '1 second'
       from generate_series($1::int, $2::int) n where n % 2 = ${remainder}`,
      [present + 1, size],
    );
  await half('vars', 0, 'value', "'https://shop.example.com/' || n");
  await half('secrets', 1, 'value_sealed', "'v1.k1.' || md5(n::text) || '.' || md5((-n)::text)");
  await sql(
    `insert into config_files (id, environment_id, name, filename, content, checksum, language, file_size)
     select ${idOf('01990000', number(20))}, ${environmentOf('e')}, 'file-' || n, n || '.env', '', '', 'dotenv', 0 from ${forEach(20)}`,
    range,
  );
  await sql(
    `insert into config_file_keys (config_file_id, key)
     select ${idOf('01990000', number(20))}, 'KEY_' || lpad(((n * 7 + k) % 200)::text, 3, '0')
     from ${forEach(20)}, generate_series(1, 20) k`,
    range,
  );
  await sql(
    `insert into config_fragments (id, environment_id, name, content)
     select ${idOf('019a0000', number(4))}, ${environmentOf('e')}, 'fragment-' || n, '' from ${forEach(4)}`,
    range,
  );
  await sql(
    `insert into config_fragment_keys (fragment_id, key)
     select ${idOf('019a0000', number(4))}, 'KEY_' || lpad((n * 10 + k)::text, 3, '0') from ${forEach(4)}, generate_series(1, 5) k`,
    range,
  );
  await sql(
    `insert into config_file_fragments (config_file_id, position, fragment_id)
     select ${idOf('01990000', number(20))}, k, ${idOf('019a0000', 'e * 4 + k')} from ${forEach(20)}, generate_series(1, 4) k`,
    range,
  );
  await sql(
    `insert into servers (id, environment_id, name, hostname)
     select ${idOf('019b0000', number(2))}, ${environmentOf('e')}, 'web-' || n, '10.0.0.' || n from ${forEach(2)}`,
    range,
  );
  await sql(
    `insert into services (id, environment_id, name)
     select ${idOf('019c0000', number(10))}, ${environmentOf('e')}, 'service-' || n from ${forEach(10)}`,
    range,
  );
  await sql(
    `insert into service_keys (service_id, key)
     select ${idOf('019c0000', number(10))}, 'KEY_' || lpad((n * 4 + k)::text, 3, '0') from ${forEach(10)}, generate_series(1, 4) k`,
    range,
  );
  await sql(
    `insert into service_deployments (id, service_id, server_id, container_name)
     select ${idOf('019d0000', number(10))}, ${idOf('019c0000', number(10))}, ${idOf('019b0000', 'e * 2 + 1 + n % 2')}, 'service-' || n
     from ${forEach(10)}`,
    range,
  );
  await sql(
    `insert into service_files (id, service_id, config_file_id, target_path)
     select ${idOf('019e0000', number(20))}, ${idOf('019c0000', 'e * 10 + 1 + n % 10')}, ${idOf('01990000', number(20))}, '/etc/' || n
     from ${forEach(20)}`,
    range,
  );
  await sql(
    `vacuum analyze environments, vars, secrets, config_files, config_file_keys, config_fragments, config_fragment_keys,
       config_file_fragments, servers, services, service_keys, service_deployments, service_files, list_counts`,
  );
}

const pages: [name: string, path: string][] = [
  ['vars', 'vars?limit=100'],
  ['vars, a page behind a cursor', 'vars?limit=100&cursor='],
  ['vars, used', 'vars?limit=100&used=true'],
  ['vars, not used', 'vars?limit=50&used=false'],
  ['vars, newest', 'vars?limit=100&sort=-updatedAt'],
  ['secrets', 'secrets?limit=100'],
  ['secrets, used', 'secrets?limit=100&used=true'],
];

/** What a page of one environment takes when there is little beside it, and when there are 500 environments. */
export async function measureVars(
  database: BenchDatabase,
  base: string,
  rounds: number,
  started: () => Promise<{ stop(): Promise<void> }>,
): Promise<string[]> {
  const headers = { authorization: `Bearer ${database.token}` };
  const lines: string[] = [];
  const firsts = new Map<string, number>();
  let present = 0;
  for (const size of sizes) {
    await fill(database, present, size);
    present = size;
    const server = await started();
    for (const [name, query] of pages) {
      const cursor = query.endsWith('cursor=') ? await cursorBehind(base, headers) : '';
      const path = `/api/environments/${firstEnvironment}/${query}${cursor}`;
      const job = { url: base, connections: 1, requests: [[{ method: 'GET', path, headers }]] };
      await load({ ...job, seconds: 1 }, 200);
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) times.push((await load({ ...job, amount: 200 }, 200)).medianMs);
      const ms = median(times);
      if (!firsts.has(name)) firsts.set(name, ms);
      const ratio = (ms / (firsts.get(name) ?? ms)).toFixed(2);
      lines.push(`| ${[name, `${size} in all`, `${ms.toFixed(2)} ms a page`, `${ratio} of ${sizes[0]}`].join(' | ')} |`);
    }
    await server.stop();
  }
  return [...lines, ...(await plans(database))];
}

async function cursorBehind(base: string, headers: Record<string, string>): Promise<string> {
  const answer = await fetch(`${base}/api/environments/${firstEnvironment}/vars?limit=100`, { headers });
  return ((await answer.json()) as { nextCursor: string }).nextCursor;
}

/** How rows and what uses them are found, with all rows there. */
async function plans(database: BenchDatabase): Promise<string[]> {
  const { db, close } = openDatabase({ connectionString: database.url, poolSize: 1, applicationName: 'bench' });
  const sent: CompiledQuery[] = [];
  const page = { limit: 100, offset: 0, sort: [{ member: 'key', descending: false }], after: null, signature: '' };
  try {
    await listVars(listening(db, sent), page, { environmentId: firstEnvironment });
    await listVars(listening(db, sent), page, { environmentId: firstEnvironment, used: true });
    await listSecrets(listening(db, sent), page, { environmentId: firstEnvironment, used: false });
  } finally {
    await close();
  }
  const told: string[] = [];
  for (const [index, title] of ['listVars', 'listVars, used', 'listSecrets, not used'].entries()) {
    const { sql: text, parameters } = sent[index] as CompiledQuery;
    const plan = await database.sql(`explain (analyze, costs off, timing off, buffers off) ${text}`, [...parameters]);
    told.push('', title, ...plan.map((line) => String(line['QUERY PLAN'])));
  }
  return told;
}
