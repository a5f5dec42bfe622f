import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

/** The real program as a child process, on a data folder of its own. */

const root = join(__dirname, '..', '..');

/** Builds dist/ when it is older than the sources; test files that run at the same time wait for each other. */
export async function build(): Promise<void> {
  const lock = join(tmpdir(), `portolan-build-${Buffer.from(root).toString('hex').slice(-40)}`);
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > 60_000) rmSync(lock, { recursive: true, force: true });
      await delay(100);
    }
  }
  try {
    execFileSync(process.execPath, ['scripts/build.mjs', '--if-stale'], { cwd: root, stdio: 'ignore' });
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

export const newFolder = (): string => join(mkdtempSync(join(tmpdir(), 'portolan-process-')), 'data');

export interface Program {
  child: ChildProcess;
  /** Everything it wrote so far. */
  output(): string;
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | string>;
}

/** Starts `portolan <command>`, its words separated by blanks, with exactly these settings. */
export function run(command: string, settings: Record<string, string>): Program {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['dist/src/main.js', ...command.split(' ')], {
    cwd: root,
    env: { PATH, HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  const ended = new Promise<number | string>((resolve) => child.on('close', (code, signal) => resolve(code ?? signal ?? 'gone')));
  return { child, output: () => output, ended };
}

export interface Served extends Program {
  url: string;
}

/** Starts the service and waits until it says where it answers. */
export async function serve(folder: string, settings: Record<string, string> = {}): Promise<Served> {
  const common = { PORTOLAN_DATA: folder, PORT: '0', METRICS_PORT: 'off', LOG_LEVEL: 'warn', RATE_LIMIT_PRINCIPAL: '1000000' };
  const program = run('serve', { ...common, ...settings });
  const url = await answering(program);
  if (url === undefined) throw new Error(`The service did not start:\n${program.output()}`);
  return { ...program, url };
}

/** Waits until a program that serves says where it answers; not for ever, when it ends before. */
export async function answering(program: Program): Promise<string | undefined> {
  let over = false;
  void program.ended.then(() => {
    over = true;
  });
  for (; !over; await delay(10)) {
    const url = /Portolan answers at (\S+)/.exec(program.output())?.[1];
    if (url) return url;
  }
  return undefined;
}

/** Ends a service that a test started, and whatever Postgres it left behind. */
export async function endAll(programs: Program[], folders: string[]): Promise<void> {
  for (const { child, ended } of programs) {
    child.kill('SIGKILL');
    await ended;
  }
  for (const folder of folders) {
    try {
      process.kill(postmasterPid(folder), 'SIGQUIT');
    } catch {
      // It is gone already.
    }
    await delay(100);
    rmSync(join(folder, '..'), { recursive: true, force: true });
  }
}

const pidFile = (folder: string): string[] => readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
export const postmasterPid = (folder: string): number => Number(pidFile(folder)[0]);

/** Runs SQL in the embedded database, past the service. */
export async function inDatabase<Row>(folder: string, text: string, values?: unknown[]): Promise<Row[]> {
  const { databasePassword } = JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8'));
  const client = new Client({
    connectionString: `postgres://portolan:${encodeURIComponent(databasePassword)}@127.0.0.1:${pidFile(folder)[3]}/portolan`,
  });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}
