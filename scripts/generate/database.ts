import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../src/integrations/embedded/postgres';
import { openDatabase } from '../../src/store/database';
import { migrateToLatest } from '../../src/store/migrate';

/** Row types and a dump of the schema, read from a database that was just migrated from nothing. */
export async function databaseFiles(): Promise<{ types: string; schema: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-generate-'));
  const server = await startEmbeddedPostgres({
    dataDir: folder,
    password: 'generate',
    log: () => {},
    settings: { fsync: 'off' },
  });
  try {
    const database = openDatabase({ connectionString: server.connectionString, poolSize: 2, applicationName: 'generate' });
    await migrateToLatest(database.db);
    await database.close();
    return { types: await rowTypes(server.connectionString, folder), schema: await schemaDump(server.connectionString) };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function rowTypes(url: string, folder: string): Promise<string> {
  const file = join(folder, 'database.ts');
  const mapping = JSON.stringify({ timestamptz: 'string', int8: 'number', float8: 'number' });
  const codegen = require.resolve('kysely-codegen/dist/cli/bin.js');
  await promisify(execFile)(process.execPath, [
    codegen,
    `--url=${url}`,
    `--out-file=${file}`,
    '--dialect=postgres',
    `--type-mapping=${mapping}`,
    '--exclude-pattern=kysely_*',
    '--log-level=error',
  ]);
  const text = await readFile(file, 'utf8');
  return text.replace(/^\/\*\*[\s\S]*?\*\/\s*/, '');
}

const catalogue: [heading: string, query: string][] = [
  [
    'tables',
    `select c.relname as name, string_agg(format('  %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then ' not null' else '' end,
        case when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end), E',\\n' order by a.attnum) as text
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'kysely%'
     group by c.relname order by 1`,
  ],
  [
    'constraints',
    `select conrelid::regclass || ' ' || conname as name, pg_get_constraintdef(oid) as text from pg_constraint
     where connamespace = 'public'::regnamespace and conrelid::regclass::text not like 'kysely%' order by 1`,
  ],
  [
    'indexes',
    `select indexname as name, indexdef as text from pg_indexes
     where schemaname = 'public' and tablename not like 'kysely%' order by 1`,
  ],
  [
    'functions',
    `select proname as name, pg_get_functiondef(oid) as text from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
  ],
  [
    'triggers',
    `select tgname as name, pg_get_triggerdef(oid) as text from pg_trigger
     where not tgisinternal and tgrelid::regclass::text not like 'kysely%' order by 1`,
  ],
];

async function schemaDump(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const parts: string[] = [];
    for (const [heading, query] of catalogue) {
      const { rows } = await client.query<{ name: string; text: string }>(query);
      parts.push(`-- ${heading}`, ...rows.map((row) => `${row.name}:\n${row.text};`), '');
    }
    return parts.join('\n');
  } finally {
    await client.end();
  }
}
