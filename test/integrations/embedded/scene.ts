/** What the tests of the embedded Postgres share: folders, servers and processes that are gone after each test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../../src/integrations/embedded/postgres';
import { readPidFile } from '../../../src/integrations/embedded/postmaster';
import { identify, isPostgresOf, waitUntilGone } from '../../../src/integrations/embedded/processes';

export const password = 'p@ss/word %41';
export const careless = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** A process of ours that can be told what to do, line by line. */
export interface Starter {
  pid: number;
  tell(line: string): Promise<Record<string, unknown>>;
  kill(): Promise<void>;
}

const folders: string[] = [];
let shared: string | undefined;
const servers: EmbeddedPostgres[] = [];
const children: ChildProcess[] = [];

export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'portolan-embedded-'));
  folders.push(folder);
  return folder;
}

/** A data folder that has a cluster. One for all tests of a file, because initdb is by far their slowest part. */
export async function usedFolder(): Promise<string> {
  if (shared === undefined) {
    shared = mkdtempSync(path.join(tmpdir(), 'portolan-embedded-'));
    await (await start(shared)).stop();
  }
  return shared;
}

/** Starts with settings for speed, unless told otherwise. `logged` receives what is logged. */
export async function start(
  dataDir: string,
  more: Partial<EmbeddedPostgresOptions> = {},
  logged: string[] = [],
): Promise<EmbeddedPostgres> {
  const log = (message: string) => void logged.push(message);
  const server = await startEmbeddedPostgres({ dataDir, password, log, settings: careless, ...more });
  servers.push(server);
  return server;
}

export async function query(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

export async function newStarter(): Promise<Starter> {
  const file = path.join(__dirname, 'startingProcess.ts');
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', file], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const waiting: ((answer: Record<string, unknown>) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line)));
  const answer = () => new Promise<Record<string, unknown>>((resolve) => waiting.push(resolve));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await answer();
  return {
    pid: child.pid ?? 0,
    tell(line) {
      const told = answer();
      child.stdin.write(`${line}\n`);
      return told;
    },
    kill() {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

/** Ends everything the test has started, and only that. */
export async function tidyUp(): Promise<void> {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  if (shared !== undefined) await endOrphan(path.join(shared, 'postgres'));
  for (const folder of folders.splice(0)) {
    await endOrphan(path.join(folder, 'postgres'));
    remove(folder);
  }
}

afterAll(() => {
  if (shared !== undefined) remove(shared);
});

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}

async function endOrphan(clusterDir: string): Promise<void> {
  const pid = (await readPidFile(clusterDir))?.pid;
  const orphan = pid === undefined ? undefined : identify(pid);
  if (!orphan || !(await isPostgresOf(orphan.pid, clusterDir))) return;
  process.kill(orphan.pid, 'SIGKILL');
  await waitUntilGone(orphan, 5000);
}

/** Waits until `check` gives something true. */
export async function eventually<T>(check: () => T | Promise<T>, ms = 10_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
