/**
 * npm run bench                    measures everything, and prints a table
 * npm run bench -- --only reads    one part: reads, writes, cheap, lists, starts, memory, refreshes, schedules, vars,
 *                                  previews, keys, selectors
 * npm run bench -- --pad           reads and writes with the contract padded to 300 operations
 * npm run bench -- --quick         shorter rounds, for a first look
 */

import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '../src/store/database';
import { migrateToLatest } from '../src/store/migrate';
import { startBenchDatabase } from './bench/database';
import { type Bench, parts } from './bench/parts';
import { canPin } from './bench/processes';

const { values } = parseArgs({
  options: { only: { type: 'string' }, pad: { type: 'boolean' }, quick: { type: 'boolean' }, help: { type: 'boolean' } },
});

async function main(): Promise<void> {
  if (values.help) {
    console.log(`npm run bench [-- --only ${Object.keys(parts).join('|')}] [--pad] [--quick]`);
    return;
  }
  const wanted = values.only ? values.only.split(',') : values.pad ? ['reads', 'writes'] : Object.keys(parts);
  for (const name of wanted) if (!(name in parts)) throw new Error(`--only takes ${Object.keys(parts).join(', ')}`);
  execFileSync(process.execPath, [join(__dirname, 'build.mjs'), '--if-stale'], { stdio: 'inherit' });
  const machine = `${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}`;
  console.log(
    `${machine}\n${canPin ? 'server on core 0, load on core 1, Postgres unpinned' : 'taskset is missing: nothing is pinned'}\n`,
  );
  const database = await startBenchDatabase(async (url) => {
    const { db, close } = openDatabase({ connectionString: url, poolSize: 1, applicationName: 'bench' });
    await migrateToLatest(db);
    await close();
  });
  const bench: Bench = { database, padded: values.pad === true, seconds: values.quick ? 3 : 8, rounds: values.quick ? 1 : 3 };
  try {
    for (const name of wanted) {
      console.log(`## ${name}`);
      for (const line of await parts[name as keyof typeof parts](bench)) console.log(line);
      console.log('');
    }
  } finally {
    await database.close();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
