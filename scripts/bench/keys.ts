import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { parseMasterKeys } from '../../src/config/keys';
import { seal } from '../../src/store/sealing';
import { type BenchDatabase, masterKeys } from './database';
import { type LoadResult, load } from './processes';

const main = join(__dirname, '..', '..', 'dist', 'src', 'main.js');
const environments = 500;
const chunk = 5000;

const nextKey = `k2:${randomBytes(32).toString('base64')}`;
/** What an installation has once another key was put first, and what it had. */
export const keysAfter = `${nextKey},${masterKeys}`;
const keysBefore = `${masterKeys},${nextKey}`;

/** Secrets of 32 characters in 500 environments, sealed with the first key of the bench. */
export async function fillSecrets(database: BenchDatabase, count: number): Promise<void> {
  const keyring = parseMasterKeys(masterKeys);
  const environmentIds = Array.from({ length: environments }, () => uuidv7());
  await database.sql(
    "insert into environments (id, name) select id, 'secrets-' || n from unnest($1::uuid[]) with ordinality as given (id, n)",
    [environmentIds],
  );
  for (let first = 0; first < count; first += chunk) {
    const size = Math.min(chunk, count - first);
    const ids = Array.from({ length: size }, () => uuidv7());
    const places = ids.map((_, n) => environmentIds[(first + n) % environments]);
    const records = ids.map((rowId) =>
      seal(keyring, { table: 'secrets', column: 'value_sealed', rowId }, randomBytes(24).toString('base64')),
    );
    await database.sql(
      `insert into secrets (id, environment_id, key, value_sealed)
       select id, place, 'S_' || replace(id::text, '-', ''), record
       from unnest($1::uuid[], $2::uuid[], $3::text[]) as given (id, place, record)`,
      [ids, places, records],
    );
  }
  await database.sql('vacuum analyze secrets');
}

export interface Rotated {
  values: number;
  seconds: number;
}

/** `portolan keys rotate` as a process of its own, unpinned as the database is. */
async function rotate(database: BenchDatabase, keys: string): Promise<Rotated> {
  const environment = { PATH: process.env.PATH, HOME: process.env.HOME, DATABASE_URL: database.url, PORTOLAN_MASTER_KEYS: keys };
  const child = spawn(process.execPath, [main, 'keys', 'rotate'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data;
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  const [, values, seconds] = /^Sealed (\d+) values with \S+ in ([\d.]+) s\.$/m.exec(text) ?? [];
  if (code !== 0 || values === undefined) throw new Error(`the rotation ended with ${code}: ${text}`);
  return { values: Number(values), seconds: Number(seconds) };
}

/** `getRegistry` at a steady rate in short rounds, while a rotation runs from its begin to its end. */
export async function readsDuringRotation(
  base: string,
  database: BenchDatabase,
): Promise<{ rotated: Rotated; reads: LoadResult[] }> {
  let ended = false;
  const rotating = rotate(database, keysAfter).finally(() => {
    ended = true;
  });
  const reads: LoadResult[] = [];
  while (!ended) {
    const result = await steadyReads(base, database, 4);
    // A round that outlasted the rotation would flatter it.
    if (!ended || reads.length === 0) reads.push(result);
  }
  return { rotated: await rotating, reads };
}

/** `getRegistry`, 500 a second. */
export function steadyReads(base: string, database: BenchDatabase, seconds: number): Promise<LoadResult> {
  const headers = { authorization: `Bearer ${database.token}` };
  const requests = database.registryIds.map((id) => [{ method: 'GET', path: `/api/registries/${id}`, headers }]);
  return load({ url: base, connections: 10, rate: 500, seconds, requests }, 200);
}

/** Leaves the database as the other parts expect it, sealed with the first key. */
export async function forgetSecrets(database: BenchDatabase): Promise<void> {
  await database.sql("delete from environments where name like 'secrets-%'");
  await rotate(database, keysBefore);
}
