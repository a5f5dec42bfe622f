import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './binaries';
import { ensureOwner } from './cluster';
import { ask, createDatabase } from './connection';
import { EmbeddedPostgresUnavailable } from './errors';
import { identify, isPostgresOf, type ProcessIdentity, processExists, waitUntilGone } from './processes';
import { type RunAs, spawnArguments } from './runAs';

/** All that starting a server on a cluster takes, but the port. */
export interface Setup {
  clusterDir: string;
  logFile: string;
  password: string;
  binaries: Binaries;
  runAs: RunAs;
  settings: Record<string, string>;
  log(message: string, detail?: Record<string, unknown>): void;
}

/** A server that answers. */
export interface Postmaster {
  process: ProcessIdentity;
  port: number;
  /** Settles when it ends; absent for an adopted one, which is not our child. */
  ended?: Promise<void>;
}

/** A server that ended instead of starting. */
export class StartFailed extends Error {
  /** port: taken by another program. busy: parts of an earlier server still run, and waiting helps. */
  readonly kind: 'port' | 'busy' | 'other';

  constructor(kind: 'port' | 'busy' | 'other', said: string) {
    super(`The embedded Postgres did not start: ${said}`);
    this.name = 'StartFailed';
    this.kind = kind;
  }
}

const logLimit = 10 * 1024 * 1024;
/** Replaying the log after a crash takes its time, on a slow disk minutes. */
export const startLimitMs = 600_000;
const worthTellingMs = 5000;
const pollMs = 5;

const defaults: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // Not left to postgresql.conf: what was acknowledged survives a crash of the process and of the machine.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '60',
  shared_buffers: '96MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // The statements are short; compiling them costs more than it gives.
  jit: 'off',
  cluster_name: 'portolan',
};

/**
 * Starts a server on the port and waits until it answers a real connection.
 * @param signal gives up waiting and ends the server
 * @throws StartFailed when it ends instead
 * @throws EmbeddedPostgresUnavailable when it has another password, or the cluster is another user's
 */
export async function launch(setup: Setup, port: number, signal?: AbortSignal): Promise<Postmaster> {
  await ensureOwner(setup.clusterDir, setup.runAs);
  await removeForeignPidFile(setup);
  const { child, exit, logStart } = await spawnServer(setup, port);
  let exited = false;
  void exit.then(() => (exited = true));
  const launched = child.pid === undefined ? undefined : identify(child.pid);
  const telling = setTimeout(() => setup.log('the embedded Postgres is replaying its log'), worthTellingMs).unref();
  try {
    const end = Date.now() + startLimitMs;
    for (; !exited && launched; await delay(pollMs)) {
      const file = await readPidFile(setup.clusterDir);
      // The file is read first: it costs nothing, and on this port another program could answer.
      if (file?.pid === child.pid && file?.port === port && file.status === 'ready') {
        const answer = await ask(port, setup.password, 2000);
        if (answer === 'wrong_password') throw wrongPassword(setup.clusterDir);
        if (answer === 'no_database') await createDatabase(port, setup.password);
        if (answer !== 'not_yet') return { process: launched, port, ended: exit.then(() => undefined) };
      }
      signal?.throwIfAborted();
      if (Date.now() > end) throw new StartFailed('other', `not ready after ${startLimitMs / 1000} s`);
    }
  } catch (error) {
    if (launched) await endPostmaster(launched, 5000);
    throw error;
  } finally {
    clearTimeout(telling);
  }
  throw startFailed(await exit, await logSince(setup.logFile, logStart));
}

/** Spawned apart from us: in its own process group, writing to a file, so it outlives us and our terminal's Ctrl-C. */
async function spawnServer(
  setup: Setup,
  port: number,
): Promise<{ child: ChildProcess; exit: Promise<string>; logStart: number }> {
  const settings = { ...defaults, port: String(port), ...setup.settings };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = ['-D', setup.clusterDir, ...flags];
  const [program, all, options] = spawnArguments(setup.runAs, setup.binaries.postgres, args);
  const logStart = await makeRoomInLog(setup.logFile);
  const output = await open(setup.logFile, 'a', 0o600);
  try {
    const child = spawn(program, all, {
      ...options,
      env: setup.binaries.environment,
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    const exit = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ? `ended by ${signal}` : `exit status ${code}`));
    });
    child.unref();
    return { child, exit, logStart };
  } finally {
    await output.close();
  }
}

async function makeRoomInLog(logFile: string): Promise<number> {
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= logLimit) return size;
  await truncate(logFile, 0);
  return 0;
}

async function logSince(logFile: string, start: number): Promise<string> {
  const text = await readFile(logFile).catch(() => Buffer.alloc(0));
  return text.subarray(start).toString().trim();
}

function startFailed(exit: string, said: string): StartFailed {
  const lines = said.split('\n').slice(-6).join(' | ');
  let kind: StartFailed['kind'] = 'other';
  if (/could not bind|could not create any TCP\/IP sockets/.test(said)) kind = 'port';
  else if (/pre-existing shared memory block|lock file .* already exists/.test(said)) kind = 'busy';
  return new StartFailed(kind, lines === '' ? exit : `${lines} (${exit})`);
}

/** What a running server writes about itself into its cluster. */
export interface PidFile {
  pid: number;
  port: number;
  status: string;
}

/** Reads postmaster.pid; undefined if there is none. Half-written fields are NaN or empty. */
export async function readPidFile(clusterDir: string): Promise<PidFile | undefined> {
  const text = await readFile(path.join(clusterDir, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const number = (line: number) => Number.parseInt(lines[line] ?? '', 10);
  return { pid: number(0), port: number(3), status: (lines[7] ?? '').trim() };
}

/**
 * Postgres refuses to start while the process that postmaster.pid names exists, and takes any process for a server:
 * also one that got the number of a killed server. Parts of a killed server still show by its shared memory.
 */
async function removeForeignPidFile(setup: Setup): Promise<void> {
  const file = await readPidFile(setup.clusterDir);
  if (!file) return;
  // Of a number that nobody has, Postgres itself sees best what is left. An empty file (the machine crashed) it refuses.
  const refused = Number.isNaN(file.pid) || file.pid <= 0 || processExists(file.pid);
  if (!refused || (await isPostgresOf(file.pid, setup.clusterDir))) return;
  await rm(path.join(setup.clusterDir, 'postmaster.pid'), { force: true });
  setup.log('removed a postmaster.pid that names no server', { pid: file.pid });
}

/** Asks a server to shut down: fast (clients are disconnected, data written), and harder if `patienceMs` is over. */
export async function endPostmaster(postmaster: ProcessIdentity, patienceMs: number): Promise<void> {
  const steps: [NodeJS.Signals, number][] = [
    ['SIGINT', patienceMs],
    ['SIGQUIT', 2000],
    ['SIGKILL', 5000],
  ];
  for (const [signal, ms] of steps) {
    if (await waitUntilGone(postmaster, 0)) return;
    try {
      process.kill(postmaster.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    if (await waitUntilGone(postmaster, ms)) return;
  }
  throw new Error(`The embedded Postgres (process ${postmaster.pid}) cannot be stopped.`);
}

/** The error for a cluster that was made with another password. */
export function wrongPassword(clusterDir: string): EmbeddedPostgresUnavailable {
  return new EmbeddedPostgresUnavailable(
    'password',
    `The cluster in ${clusterDir} was made with another password than the one kept for it. ` +
      'Restore the data folder as a whole, or choose another one with PORTOLAN_DATA.',
  );
}
