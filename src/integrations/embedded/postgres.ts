import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { adopt } from './adopt';
import { locateNative, prepareBinaries } from './binaries';
import { ensureCluster, removeDrafts } from './cluster';
import { connectionString } from './connection';
import { EmbeddedPostgresUnavailable } from './errors';
import { prepareFolder } from './folder';
import { freePort } from './port';
import { launch, type Postmaster, type Setup, StartFailed } from './postmaster';
import { chooseRunAs, type RunAsName } from './runAs';
import { pauseBefore, Supervisor } from './supervisor';

export { EmbeddedPostgresUnavailable, FolderInUse, FolderNotWritable } from './errors';
export type { RunAsName } from './runAs';

/** A running server that is started again when it ends without being asked to. */
export interface EmbeddedPostgres {
  /** `postgres://portolan:<password>@127.0.0.1:<port>/portolan`; stays the same as long as this object lives. */
  readonly connectionString: string;
  /** The postmaster; another one after a restart. */
  readonly pid: number;
  /** Fast shutdown: disconnects clients, writes everything, waits until the server is gone. Repeatable. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** The cluster lives in `<dataDir>/postgres`, its log in `<dataDir>/postgres.log`. The caller holds the folder lock. */
  dataDir: string;
  /** Of the superuser. Chosen by the caller for the first start, and kept by the caller. */
  password: string;
  log(message: string, detail?: Record<string, unknown>): void;
  /** Called once when restarting has failed for good; the server is then down. */
  onGivenUp?(error: Error): void;
  /** More server settings, stronger than the built-in ones, such as `{ fsync: 'off' }` in tests. */
  settings?: Record<string, string>;
  /** Root only: the one way to run Postgres as somebody else, instead of the first that works. */
  runAs?: RunAsName;
  /** A folder with bin/, lib/ and share/ of Postgres, instead of the npm package's. */
  nativeDir?: string;
}

const attempts = 20;

/**
 * Starts Postgres on the data folder, creating the cluster on the first start; takes over one that a killed process of
 * ours left running. Resolves when the database answers.
 * @throws FolderNotWritable
 * @throws EmbeddedPostgresUnavailable with a message that names the way out
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const began = Date.now();
  const dataDir = path.resolve(options.dataDir);
  await prepareFolder(dataDir);
  const native = options.nativeDir ?? locateNative();
  const binaries = await prepareBinaries(native, path.join(dataDir, 'postgres-libraries'));
  const runAs = await chooseRunAs(binaries, dataDir, options.runAs);
  const setup: Setup = {
    clusterDir: path.join(dataDir, 'postgres'),
    logFile: path.join(dataDir, 'postgres.log'),
    password: options.password,
    binaries,
    runAs,
    settings: options.settings ?? {},
    log: options.log,
  };

  await removeDrafts(dataDir);
  const adopted = await adopt(setup);
  const sync = options.settings?.fsync !== 'off';
  const created = !adopted && (await ensureCluster(dataDir, { binaries, runAs, password: options.password, sync }));
  const postmaster = adopted ?? (await launchPatiently(setup));

  const { port, process } = postmaster;
  const detail = { pid: process.pid, port, created, runAs: runAs.name, ms: Date.now() - began };
  options.log(adopted ? 'took over the embedded Postgres that was running' : 'started the embedded Postgres', detail);
  const supervisor = new Supervisor(setup, postmaster, (error) => options.onGivenUp?.(error));
  return {
    connectionString: connectionString(port, options.password),
    get pid() {
      return supervisor.pid;
    },
    stop: () => supervisor.stop(),
  };
}

/** Tries other ports while the chosen one is taken, and waits for the remains of a killed server to go. */
async function launchPatiently(setup: Setup): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(setup, await freePort());
    } catch (error) {
      if (!(error instanceof StartFailed)) throw error;
      if (error.kind === 'other' || attempt >= attempts) {
        throw new EmbeddedPostgresUnavailable('start', `${error.message}. The log is ${setup.logFile}.`, error);
      }
      setup.log('starting the embedded Postgres again', { attempt, reason: error.message });
      await delay(pauseBefore(attempt));
    }
  }
}
