import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, connectionString } from './connection';
import { readPidFile, wrongPassword } from './postmaster';
import { isPostgresOf } from './processes';

const patienceMs = 10_000;

/**
 * Where the Postgres of a data folder answers that another process of ours runs; undefined when none does. One that is about
 * to answer is waited for. Nothing is started and nothing is changed.
 * @throws EmbeddedPostgresUnavailable when it has another password
 */
export async function runningEmbeddedPostgres(dataDir: string, password: string): Promise<string | undefined> {
  const clusterDir = path.join(path.resolve(dataDir), 'postgres');
  for (const end = Date.now() + patienceMs; Date.now() < end; await delay(50)) {
    const file = await readPidFile(clusterDir);
    if (!file || file.status !== 'ready' || !(await isPostgresOf(file.pid, clusterDir).catch(() => false))) continue;
    const answer = await ask(file.port, password, 2000);
    if (answer === 'wrong_password') throw wrongPassword(clusterDir);
    if (answer === 'ready') return connectionString(file.port, password);
  }
  return undefined;
}
