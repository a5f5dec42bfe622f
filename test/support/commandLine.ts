import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { runClient } from '../../src/commands/client/program';
import { standardTiming, type Timing } from '../../src/commands/client/run';

/** The command line in this process: what was written where, and the code at the end. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Typed {
  env?: Record<string, string>;
  stdin?: string | Buffer;
  /** A terminal of so many columns, instead of a pipe. */
  columns?: number;
  /** What the person types; the input is a terminal. */
  keys?: string;
  timing?: Partial<Timing>;
}

/** A folder of its own for credentials and files; `close` removes it. */
export class Home {
  readonly folder = mkdtempSync(join(tmpdir(), 'portolan-cli-'));
  private files = 0;

  /** `@file` with this text. */
  file(text: string | Buffer): string {
    const path = join(this.folder, `file-${++this.files}`);
    writeFileSync(path, text);
    return `@${path}`;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

class Written extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}

/** Runs `portolan …` of the client without a process of its own. Nothing waits longer than a moment. */
export async function portolanCli(argv: string[], { env = {}, stdin = '', columns, keys, timing }: Typed = {}): Promise<Ran> {
  const input = new PassThrough();
  const output = Object.assign(new Written(), columns === undefined ? {} : { isTTY: true, columns });
  const errors = Object.assign(new Written(), columns === undefined ? {} : { isTTY: true });
  const typed = keys === undefined ? input : Object.assign(input, { isTTY: true, setRawMode: () => input });
  if (keys === undefined) typed.end(stdin);
  else typed.write(keys);
  const terminal = { env, stdin: typed, stdout: output, stderr: errors };
  const code = await runClient(argv, terminal, { ...standardTiming, firstDelayMs: 5, pollMs: 10, ...timing });
  return { code, stdout: output.text, stderr: errors.text };
}

export interface Recorded {
  method: string;
  path: string;
  query: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  status: number;
}

export interface Recorder {
  url: string;
  requests: Recorded[];
  /** Answers that are given instead of passing the next requests on. */
  instead: ({ status: number; headers?: Record<string, string>; body?: unknown } | 'cut')[];
  close(): Promise<void>;
}

/** Passes requests on to a service, and remembers what they were. */
export async function recorderBefore(target: string): Promise<Recorder> {
  const requests: Recorded[] = [];
  const instead: Recorder['instead'] = [];
  const server: Server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      const [path = '', query = ''] = (incoming.url ?? '').split('?');
      const body = Buffer.concat(chunks);
      const recorded = { method: incoming.method ?? '', path, query, headers: incoming.headers, body, status: 0 };
      requests.push(recorded);
      const other = instead.shift();
      if (other === 'cut') return incoming.socket.destroy();
      if (other) {
        recorded.status = other.status;
        const text = typeof other.body === 'string' ? other.body : JSON.stringify(other.body ?? {});
        return answer.writeHead(other.status, { 'content-type': 'application/json', ...other.headers }).end(text);
      }
      const options = { method: incoming.method ?? 'GET', headers: incoming.headers, agent: false as const };
      const passed = request(target + (incoming.url ?? ''), options, (response) => {
        recorded.status = response.statusCode ?? 0;
        answer.writeHead(recorded.status, response.headers);
        response.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      answer.on('close', () => passed.destroy());
      passed.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    instead,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
