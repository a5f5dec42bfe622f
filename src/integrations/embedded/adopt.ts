import { setTimeout as delay } from 'node:timers/promises';
import { ask, createDatabase } from './connection';
import { endPostmaster, type Postmaster, readPidFile, type Setup, startLimitMs, wrongPassword } from './postmaster';
import { identify, isAlive, isPostgresOf } from './processes';

/** A server that replays its log answers "starting up" at once and is waited for; one that says nothing is not. */
const silenceLimitMs = 1500;
/** One that is writing its data for an orderly shutdown gets the time for it. */
const shutdownLimitMs = 30_000;

/**
 * Takes over the server that an earlier process of ours left running on this cluster: it holds all data, so nothing is
 * replayed. One that does not answer is ended, so that a new one can start.
 * Gives undefined when no server runs (any more).
 * @throws EmbeddedPostgresUnavailable when it has another password
 */
export async function adopt(setup: Setup): Promise<Postmaster | undefined> {
  const found = await readPidFile(setup.clusterDir);
  const running = found && identify(found.pid);
  if (!running || !(await isPostgresOf(running.pid, setup.clusterDir))) return undefined;
  let patienceMs = silenceLimitMs;
  const end = Date.now() + startLimitMs;
  while (isAlive(running) && Date.now() < end) {
    const file = await readPidFile(setup.clusterDir);
    if (file?.status === 'stopping') {
      patienceMs = shutdownLimitMs;
      break;
    }
    if (file?.status === 'ready') {
      const answer = await ask(file.port, setup.password, silenceLimitMs);
      if (answer === 'wrong_password') throw wrongPassword(setup.clusterDir);
      if (answer === 'no_database') await createDatabase(file.port, setup.password);
      if (answer !== 'not_yet') return { process: running, port: file.port };
      break;
    }
    await delay(20);
  }
  if (!isAlive(running)) return undefined;
  setup.log('an embedded Postgres from before does not answer; ending it', { pid: running.pid });
  await endPostmaster(running, patienceMs);
  return undefined;
}
