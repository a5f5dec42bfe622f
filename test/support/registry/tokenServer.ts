import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type Certificate, keyId, selfSigned } from './certificates';

/** What a token allows, as registries write it. */
export interface TokenAccess {
  type: 'repository' | 'registry';
  name: string;
  actions: string[];
}

export interface TokenRequest {
  method: string;
  /** null = anonymous. */
  user: string | null;
  service: string | null;
  scopes: string[];
  status: number;
}

export interface TokenServerOptions {
  users: Record<string, string>;
  /** Repositories below these prefixes may be pulled by anybody; `''` = all. */
  publicPrefixes?: string[];
  /** https with this certificate. */
  tls?: Certificate | null;
}

/** A registry accepts a token this long after its end. */
const leewaySeconds = 60;
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privateKeyPem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

/**
 * A token server as registries send their clients to: RS256 tokens for a user and password, or anonymous ones for public
 * repositories. It counts what it is asked, and misbehaves on demand.
 */
export class TokenServer {
  readonly issuer = 'portolan-test';
  readonly service = 'test registry';
  /** For `rootcertbundle` of the registry. */
  readonly certificate = selfSigned('portolan-test', privateKeyPem, keys.publicKey);
  readonly users: Map<string, string>;
  publicPrefixes: string[];
  /** Every request since the start or since `forgetRequests`. */
  requests: TokenRequest[] = [];
  /** How long the registry accepts a token. */
  lifetimeSeconds = 300;
  /** What the answer says about it as `expires_in`; null = nothing. */
  announcedSeconds: number | null = 300;
  /** So many of the next tokens are refused by the registry as expired, though they are announced as fresh. */
  staleTokens = 0;
  /** The status for a request that is refused, whoever asks; null = do the work. */
  refusal: (scopes: string[]) => number | null = () => null;
  /** Actions that nobody gets, such as `pull`, or `*` of the catalog. */
  withheldActions: string[] = [];
  /** Wait this long before each answer. */
  delayMs = 0;
  private readonly tls: Certificate | null;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private port = 0;

  constructor(options: TokenServerOptions) {
    this.users = new Map(Object.entries(options.users));
    this.publicPrefixes = options.publicPrefixes ?? [];
    this.tls = options.tls ?? null;
  }

  get realm(): string {
    return `${this.tls ? 'https' : 'http'}://127.0.0.1:${this.port}/token`;
  }

  /** Listens; again on the same port after `stop`. */
  async start(): Promise<this> {
    const answer: RequestListener = (request, response) => {
      void this.answer(request).then(({ status, body }) => {
        const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="token"' } : {};
        response.writeHead(status, { 'content-type': 'application/json', ...challenge }).end(JSON.stringify(body));
      });
    };
    const { tls } = this;
    const server = tls ? createTlsServer({ cert: tls.certificate, key: tls.key }, answer) : createServer(answer);
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
    return this;
  }

  /** Nobody listens there afterwards. */
  async stop(): Promise<void> {
    const server = this.server;
    if (!server) return;
    this.server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  forgetRequests(): void {
    this.requests = [];
  }

  /** A token as the server would hand it out; also to be used as a pre-issued one. Not counted. */
  issue(access: TokenAccess[], options: { subject?: string; lifetimeSeconds?: number } = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: this.issuer,
      sub: options.subject ?? '',
      aud: this.service,
      exp: now + (options.lifetimeSeconds ?? this.lifetimeSeconds) - leewaySeconds,
      nbf: now - 10,
      iat: now,
      jti: randomUUID(),
      access,
    };
    const head = { typ: 'JWT', alg: 'RS256', kid: keyId(keys.publicKey) };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part(head)}.${part(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), keys.privateKey).toString('base64url')}`;
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const url = new URL(request.url ?? '/', this.realm);
    const form = request.method === 'POST' ? new URLSearchParams(await textOf(request)) : url.searchParams;
    const credentials = credentialsOf(request, form);
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    const scopes = form.getAll('scope').flatMap((scope) => scope.split(' ').filter(Boolean));
    const answer = this.decide(url.pathname, credentials, scopes);
    const method = request.method ?? 'GET';
    this.requests.push({ method, user: credentials?.user ?? null, service: form.get('service'), scopes, status: answer.status });
    return answer;
  }

  private decide(path: string, credentials: Credentials | null, scopes: string[]): { status: number; body: object } {
    const failure = (status: number, message: string) => ({ status, body: { details: message } });
    if (path !== '/token') return failure(404, 'not found');
    const refused = this.refusal(scopes);
    if (refused !== null) return failure(refused, 'refused');
    if (credentials && this.users.get(credentials.user) !== credentials.password) {
      return failure(401, 'incorrect username or password');
    }
    const access = scopes.map((scope) => this.grant(scope, credentials !== null)).filter((each) => each !== null);
    const stale = this.staleTokens > 0;
    if (stale) this.staleTokens--;
    const lifetimeSeconds = stale ? -1 : this.lifetimeSeconds;
    const token = this.issue(access, { subject: credentials?.user ?? '', lifetimeSeconds });
    const announced = this.announcedSeconds === null ? {} : { expires_in: this.announcedSeconds };
    return { status: 200, body: { token, access_token: token, ...announced, issued_at: new Date().toISOString() } };
  }

  /** What of a scope is granted: all of it to users, pulling public repositories to anybody. */
  private grant(scope: string, known: boolean): TokenAccess | null {
    const [type = '', rest = ''] = [scope.slice(0, scope.indexOf(':')), scope.slice(scope.indexOf(':') + 1)];
    const name = rest.slice(0, rest.lastIndexOf(':'));
    const asked = rest.slice(rest.lastIndexOf(':') + 1).split(',');
    if (type !== 'repository' && type !== 'registry') return null;
    const open = type === 'repository' && this.publicPrefixes.some((prefix) => name.startsWith(prefix));
    const actions = asked.filter((action) => !this.withheldActions.includes(action) && (known || (open && action === 'pull')));
    return actions.length === 0 ? null : { type, name, actions };
  }
}

interface Credentials {
  user: string;
  password: string;
}

function credentialsOf(request: IncomingMessage, form: URLSearchParams): Credentials | null {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() === 'basic') {
    const text = Buffer.from(value, 'base64').toString('utf8');
    return { user: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) };
  }
  const user = form.get('username');
  return user === null ? null : { user, password: form.get('password') ?? '' };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
