import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { configurationOf } from '../../../scripts/gateway/configuration';
import { type Gateway, type RawOptions, readOptions } from '../../../scripts/gateway/options';
import { readContract } from '../../../scripts/generate/contract';
import { programOf, type StartedGateway } from './programs';

/** A gateway as a child process, on the file that is generated for it, in a folder of its own. */
export interface RunningGateway {
  url: string;
  folder: string;
  /** What it logged of a request; waits until it is there. */
  logged(requestId: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const contract = readContract(resolve(__dirname, '..', '..', '..'));
/** The configuration that `npm run gateway` writes with these options. */
export const configuration = (gateway: Gateway, options: RawOptions = {}): string =>
  configurationOf(gateway, contract, readOptions(gateway, options, contract['x-rate-limits']));

/** Starts a gateway in front of `upstream` and waits until it listens. */
export async function startGateway(gateway: StartedGateway, upstream: string, options: RawOptions = {}): Promise<RunningGateway> {
  const folder = mkdtempSync(join(tmpdir(), `portolan-${gateway}-`));
  // Its workers are other users when its master is root.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const text = configuration(gateway, { upstream: [upstream], listen: `127.0.0.1:${port}`, ...options });
  writeFileSync(join(folder, fileOf[gateway]), text);
  const { child, output } = launch(gateway, folder);
  await listening(child, port, output);
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    logged: (requestId) => findLine(() => (gateway === 'nginx' ? read(join(folder, 'access.log')) : output()), requestId),
    async close() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await new Promise((done) => child.once('exit', done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const fileOf: Record<StartedGateway, string> = { nginx: 'nginx.conf', envoy: 'envoy.yaml' };

const commandOf: Record<StartedGateway, (folder: string) => string[]> = {
  nginx: (folder) => ['-p', folder, '-c', 'nginx.conf', '-g', 'daemon off;'],
  envoy: (folder) => [
    ...['-c', join(folder, 'envoy.yaml'), '--concurrency', '1', '--disable-hot-restart', '--log-level', 'warn'],
    ...['--file-flush-interval-msec', '20'],
  ],
};

function launch(gateway: StartedGateway, folder: string): { child: ChildProcess; output(): string } {
  const child = spawn(programOf(gateway) ?? gateway, commandOf[gateway](folder), { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  return { child, output: () => output };
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

async function listening(child: ChildProcess, port: number, output: () => string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The gateway did not start:\n${output()}`);
    const isOpen = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => done(true)).once('error', () => done(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await delay(20);
  }
}

const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** Lines are written when an answer has ended, which its client may see before. */
async function findLine(text: () => string, requestId: string): Promise<Record<string, unknown>> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const line = text()
      .split('\n')
      .find((one) => one.includes(`"requestId":"${requestId}"`));
    if (line) return JSON.parse(line);
    await delay(10);
  }
  throw new Error(`Nothing was logged of ${requestId}`);
}
