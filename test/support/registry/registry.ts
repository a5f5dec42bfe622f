import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { stringify } from 'yaml';
import { freePort } from '../../../src/integrations/embedded/port';
import { findProgram, registryProgram } from './binary';
import { CertificateAuthority, type CertificateOptions } from './certificates';
import { type TokenAccess, TokenServer } from './tokenServer';

export interface RegistryOptions {
  auth?: 'none' | 'htpasswd' | 'token';
  /** https with a certificate of an authority of the test's own. */
  tls?: boolean | CertificateOptions;
  /** Names and passwords for htpasswd and token. */
  users?: Record<string, string>;
  /** Token only: what anybody may pull. */
  publicPrefixes?: string[];
}

export interface RegistryRequest {
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** What the token has to allow, where the registry wants tokens. */
  access?: TokenAccess[];
}

export interface RegistryAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** One line of the registry's access log. */
export interface SeenRequest {
  method: string;
  path: string;
  status: number;
}

export const defaultUser = 'portolan';
export const defaultPassword = 'sail-the-7-seas';

const running = new Set<ChildProcess>();
const folders = new Set<string>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Starts Debian's docker-registry on a free port of the loopback address. `close` it in afterAll. */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const users = options.users ?? { [defaultUser]: defaultPassword };
  const authority = options.tls ? new CertificateAuthority() : null;
  const { publicPrefixes = [] } = options;
  const tokenServer =
    options.auth === 'token' ? await new TokenServer({ users, publicPrefixes, tls: authority?.issue() ?? null }).start() : null;
  const registry = new TestRegistry(options, users, authority, tokenServer);
  try {
    await registry.start();
    return registry;
  } catch (error) {
    await registry.close();
    throw error;
  }
}

/** A real registry process with its storage in a temporary folder. */
export class TestRegistry {
  /** PEM of the authority that a client has to trust; null without TLS. */
  readonly ca: string | null = null;
  readonly folder = mkdtempSync(join(storageParent(), 'portolan-registry-'));
  readonly storage = join(this.folder, 'storage');
  readonly username: string | null = null;
  readonly password: string | null = null;
  port = 0;
  private child: ChildProcess | undefined;
  private readonly agent: Agent;

  constructor(
    readonly options: RegistryOptions,
    users: Record<string, string>,
    authority: CertificateAuthority | null,
    /** The token server, where the registry wants tokens. */
    readonly tokenServer: TokenServer | null,
  ) {
    folders.add(this.folder);
    if (authority) {
      const { certificate, key } = authority.issue(typeof options.tls === 'object' ? options.tls : {});
      this.ca = authority.certificate;
      writeFileSync(join(this.folder, 'ca.pem'), authority.certificate);
      writeFileSync(join(this.folder, 'server.pem'), certificate);
      writeFileSync(join(this.folder, 'server.key'), key, { mode: 0o600 });
    }
    if (options.auth === 'htpasswd' || options.auth === 'token') {
      [this.username, this.password] = Object.entries(users)[0] as [string, string];
    }
    if (options.auth === 'htpasswd') this.setUsers(users);
    if (tokenServer) writeFileSync(join(this.folder, 'token.pem'), tokenServer.certificate);
    // The image maker trusts its own registry even where a test gives it a certificate that nobody should trust.
    this.agent = new Agent({ connections: 8, connect: { rejectUnauthorized: false } });
  }

  /** "127.0.0.1:5000", as image references begin. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `${this.options.tls ? 'https' : 'http'}://${this.host}`;
  }

  /** Path of the authority's certificate, for settings that want a file. */
  get caFile(): string | null {
    return this.ca === null ? null : join(this.folder, 'ca.pem');
  }

  /** Starts the process, on the same port as before if it ran already. */
  async start(): Promise<void> {
    if (this.child) return;
    const again = this.port !== 0;
    for (let attempt = 1; ; attempt++) {
      if (!again) this.port = await freePort();
      this.child = this.spawn();
      if (await this.becomesReady(this.child)) return;
      await this.stop();
      // Another process may have taken the port between the look and the start.
      if (attempt === 3 || !this.log().includes('address already in use')) {
        throw new Error(`${registryProgram} did not start: ${this.log().slice(-2000)}`);
      }
    }
  }

  /** Ends the process at once; what was pushed stays. */
  async stop(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child) return;
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (!ended) {
      child.ref();
      const exit = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exit;
    }
    running.delete(child);
  }

  /** Ends the process and starts it again on the same port. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Ends everything and removes what was stored. */
  async close(): Promise<void> {
    await this.agent.close();
    await this.stop();
    await this.tokenServer?.stop();
    // Several times as fast as rmSync with as many files as a registry has.
    execFileSync('rm', ['-rf', this.folder]);
    folders.delete(this.folder);
  }

  /** Replaces the users of a registry with htpasswd; it reads them anew by itself. */
  setUsers(users: Record<string, string>): void {
    const lines = Object.entries(users).map(([user, password]) => `${user}:${bcrypt(password)}`);
    writeFileSync(join(this.folder, 'htpasswd'), `${lines.join('\n')}\n`);
  }

  /** Sends as the first user; the answer is not checked. */
  async request(method: string, path: string, { headers, body, access = [] }: RegistryRequest = {}): Promise<RegistryAnswer> {
    const answer = await request(this.url + path, {
      method: method as 'GET',
      dispatcher: this.agent,
      headers: { ...this.authorization(access), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }

  /** What the process wrote, for the message of a failing test. */
  log(): string {
    return textOf(join(this.folder, 'registry.log'));
  }

  /** Requests that the registry has answered so far. A line is written after its answer was sent. */
  seenRequests(): SeenRequest[] {
    const lines = textOf(join(this.folder, 'access.log')).matchAll(/"([A-Z]+) (\S+) HTTP\/[\d.]+" (\d{3}) /g);
    return [...lines].map(([, method = '', path = '', status]) => ({ method, path, status: Number(status) }));
  }

  private authorization(access: TokenAccess[]): Record<string, string> {
    if (this.tokenServer) return { authorization: `Bearer ${this.tokenServer.issue(access, { lifetimeSeconds: 300 })}` };
    if (this.username === null) return {};
    return { authorization: `Basic ${Buffer.from(`${this.username}:${this.password}`).toString('base64')}` };
  }

  private spawn(): ChildProcess {
    const file = join(this.folder, 'registry.yml');
    writeFileSync(file, stringify(this.configuration()));
    const [out, err] = ['access.log', 'registry.log'].map((name) => openSync(join(this.folder, name), 'a')) as [number, number];
    // Where the system can, the registry ends with this process even when that is killed.
    const setpriv = process.platform === 'linux' ? findProgram('setpriv') : null;
    const [program, ...words] = [...(setpriv ? [setpriv, '--pdeathsig', 'KILL'] : []), registryProgram, 'serve', file];
    const child = spawn(program as string, words, { stdio: ['ignore', out, err] });
    child.on('error', () => {});
    closeSync(out);
    closeSync(err);
    child.unref();
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  }

  private async becomesReady(child: ChildProcess): Promise<boolean> {
    const end = Date.now() + 15_000;
    while (Date.now() < end && child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const answer = await this.request('GET', '/v2/').catch(() => null);
      if (answer && child.exitCode === null) return true;
      await delay(10);
    }
    return false;
  }

  private configuration(): object {
    const place = (name: string) => join(this.folder, name);
    const tokens = this.tokenServer;
    return {
      version: '0.1',
      log: { level: 'warn' },
      storage: { filesystem: { rootdirectory: this.storage, maxthreads: 100 }, delete: { enabled: true } },
      http: {
        addr: this.host,
        secret: 'for uploads only',
        ...(this.options.tls ? { tls: { certificate: place('server.pem'), key: place('server.key') } } : {}),
      },
      ...(this.options.auth === 'htpasswd' ? { auth: { htpasswd: { realm: 'test', path: place('htpasswd') } } } : {}),
      ...(tokens
        ? {
            auth: {
              token: {
                realm: tokens.realm,
                service: tokens.service,
                issuer: tokens.issuer,
                rootcertbundle: place('token.pem'),
              },
            },
          }
        : {}),
    };
  }
}

/**
 * The registry takes bcrypt hashes only. Perl is on every Debian and its crypt knows them, so that no package is needed.
 * The password goes by the environment, which other users cannot read.
 */
function bcrypt(password: string): string {
  const script = 'print crypt($ENV{WORD}, q($2y$05$portolanTestRegistryu.))';
  const hash = execFileSync('perl', ['-e', script], { env: { ...process.env, WORD: password }, encoding: 'utf8' });
  if (!hash.startsWith('$2y$05$')) throw new Error('the crypt of this system knows no bcrypt');
  return hash;
}

/** In memory where there is room: thousands of small files take seconds there, and minutes on a busy disk. */
function storageParent(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize > 2 ** 30) return '/dev/shm';
  } catch {}
  return tmpdir();
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
