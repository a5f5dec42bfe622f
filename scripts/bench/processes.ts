import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const peers = join(__dirname, 'peers');

/** Whether processes can be pinned to cores here. */
export const canPin: boolean = (() => {
  try {
    execFileSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** A command on one core, where processes can be pinned. */
export const pinned = (core: number, command: string[]): string[] =>
  canPin ? ['taskset', '-c', String(core), ...command] : command;

export interface RunningProcess {
  child: ChildProcess;
  /** From spawn to the line that says it answers. */
  startMs: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Resident memory in MiB. */
  residentMiB(): number;
  /** Processor time since its start: what it takes, however busy the machine is with other things. */
  cpuMs(): number;
}

/**
 * Starts a server on core 0 and waits until something answers at `url`. Its log goes to a file, as in production: a pipe
 * would make the bench read it.
 */
export async function startOnServerCore(command: string[], env: Record<string, string>, url: string): Promise<RunningProcess> {
  const started = performance.now();
  const [program = '', ...args] = pinned(0, command);
  const log = openSync(join(tmpdir(), `portolan-bench-${process.pid}.log`), 'w+');
  const environment = { PATH: process.env.PATH, HOME: process.env.HOME, ...env };
  const child = spawn(program, args, { env: environment, stdio: ['ignore', log, log] });
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  for (;;) {
    if (ended)
      throw new Error(`${command.join(' ')} ended: ${readFileSync(join(tmpdir(), `portolan-bench-${process.pid}.log`), 'utf8')}`);
    const answered = await fetch(url).then(
      (answer) => answer.arrayBuffer(),
      () => undefined,
    );
    if (answered) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    child,
    startMs: performance.now() - started,
    residentMiB: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    cpuMs() {
      // Behind the name, which may hold spaces, in ticks of 10 ms: user is the 12th, system the 13th.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    async stop(signal = 'SIGTERM') {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await gone;
      closeSync(log);
    },
  };
}

/** One of the programs in peers/. */
export const peer = (name: string): string[] => [process.execPath, join(peers, `${name}.cjs`)];

/** The built service. */
export const portolan: string[] = [process.execPath, join(__dirname, '..', '..', 'dist', 'src', 'main.js'), 'serve'];

export interface LoadJob {
  url: string;
  connections: number;
  seconds?: number;
  amount?: number;
  /** Requests a second, over all connections; absent = as many as possible. */
  rate?: number;
  /** One list for each connection. */
  requests: object[][];
}

export interface LoadResult {
  perSecond: number;
  /** From a request to its answer; exact where `p50` is a whole number. */
  medianMs: number;
  p50: number;
  p99: number;
  total: number;
  statuses: Record<string, { count: number }>;
  errors: number;
}

/** Runs a load on core 1. Throws when an answer had another status than `expected`. */
export async function load(job: LoadJob, expected: number): Promise<LoadResult> {
  const [program = '', ...args] = pinned(1, peer('load'));
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  child.stdin.end(JSON.stringify(job));
  await new Promise((resolve) => child.once('exit', resolve));
  const result = JSON.parse(text) as LoadResult;
  const others = Object.keys(result.statuses).filter((status) => Number(status) !== expected);
  if (others.length > 0 || result.errors > 0) {
    throw new Error(`${job.url}: expected only ${expected}, got ${JSON.stringify(result.statuses)}, ${result.errors} errors`);
  }
  return result;
}

/** The middle of some numbers. */
export const median = (numbers: number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
