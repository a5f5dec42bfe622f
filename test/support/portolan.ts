import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { Agent, request } from 'undici';
import answers from '../../generated/answers';
import type { OperationId } from '../../generated/operations';
import { type Context, createContext } from '../../src/context';
import { type AppParts, createApp, createMetricsApp } from '../../src/http/app';
import { type RunningServer, startServer } from '../../src/http/server';
import type { RegistryClientOptions } from '../../src/integrations/oci/client';
import { handlers } from '../../src/operations';
import type { Keyring } from '../../src/store/sealing';
import { adminEmail, adminPassword, testConfig, testKeyring } from './config';
import { declaredStatuses, factsOf, responseOf } from './contract';
import { bodyFor } from './multipart';

export interface Call {
  path?: Record<string, string>;
  query?: Record<string, string | number | boolean> | string;
  /** An object is sent as JSON, or as multipart where `call` finds that a file is uploaded; a text or bytes as they are. */
  body?: unknown;
  headers?: Record<string, string>;
  /** null = no credential; absent = the administrator's. */
  token?: string | null;
  /** Send to the listener for metrics. */
  metrics?: boolean;
}

export interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Parsed JSON, or the text of another media type. */
  body: any;
  text: string;
}

export interface Portolan {
  url: string;
  metricsUrl: string;
  context: Context;
  databaseUrl: string;
  adminToken: string;
  /** Calls an operation by its id; every answer is checked against the contract. */
  call(operationId: OperationId, call?: Call): Promise<Answered>;
  /** Checks an answer of `send` against the contract, as `call` does. */
  check(operationId: OperationId, answer: Answered): void;
  /** Sends anything to any path; nothing is checked. */
  send(method: string, path: string, call?: Call): Promise<Answered>;
  /** Runs SQL in this service's database. */
  sql<Row extends object = any>(text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export interface StartOptions {
  /** Instead of a copy of the template database; then nobody is signed in. */
  databaseUrl?: string;
  /** Other parts for the edge than the context's own. */
  parts?(context: Context): Partial<AppParts>;
  log?: Logger;
  /** Instead of the keys that all tests share. */
  keyring?: Keyring;
  /** Settings of the client of registries beside those of the variables. */
  registryClient?: Partial<RegistryClientOptions>;
}

/** Starts a service of its own on a copy of the template database. `variables` are environment variables. */
export async function startPortolan(variables: Record<string, string> = {}, options: StartOptions = {}): Promise<Portolan> {
  return run(options.databaseUrl ?? (await createDatabase()), true, variables, options);
}

/** Starts a second service on the database of another one, as a replica does. Close it first. */
export const startReplica = (
  of: Portolan,
  variables: Record<string, string> = {},
  options: Pick<StartOptions, 'keyring'> = {},
): Promise<Portolan> => run(of.databaseUrl, false, variables, options);

async function run(
  databaseUrl: string,
  ownsDatabase: boolean,
  variables: Record<string, string>,
  options: StartOptions,
): Promise<Portolan> {
  const config = testConfig(variables);
  const log = options.log ? { log: options.log } : {};
  // Nobody has to wait for the second try at a registry that is not there.
  const registryClient = { retryDelaysMs: [5, 10], ...options.registryClient };
  const context = createContext({ config, databaseUrl, keyring: options.keyring ?? testKeyring, registryClient, ...log });
  if (!options.databaseUrl) {
    await context.loginTokens.rotate();
    await context.liveSettings.refresh();
  }
  const { host, port, maxConnections, headersTimeoutMs, requestTimeoutMs } = config;
  const limits = { host, maxConnections, headersTimeoutMs, requestTimeoutMs };
  const onRefusedConnection = context.telemetry.refusedConnection;
  const { app, metricsApp } = options.parts ? appsOf(context, options.parts(context)) : context;
  const server = await startServer(app, { ...limits, port, onRefusedConnection });
  const metrics = await startServer(metricsApp, { ...limits, port: 0, onRefusedConnection });
  const running = new RunningPortolan(context, server, metrics, databaseUrl, ownsDatabase);
  return options.databaseUrl || options.parts ? running : running.ready();
}

function appsOf(context: Context, other: Partial<AppParts>) {
  const { database, keyring, rateLimits, authenticator, telemetry, events, streams, redeemTicket } = context;
  const parts: AppParts = {
    database,
    keyring,
    rateLimits,
    authenticator,
    telemetry,
    events,
    streams,
    redeemTicket,
    handlers,
    now: () => new Date(),
    forgetCredentials: () => authenticator.forget(),
    publicNeeds: {},
    outside: context.outside,
    publicUrl: () => context.listenUrl,
    liveSettings: context.liveSettings,
    environmentDefaults: context.environmentDefaults,
    organizationName: 'portolan',
    trustedProxies: () => false,
    corsOrigin: undefined,
    draining: () => false,
    ...other,
  };
  return { app: createApp(parts), metricsApp: createMetricsApp(parts) };
}

const serverUrl = () => process.env.TEST_POSTGRES as string;

/** A fresh copy of the migrated and booted database; gives its URL. */
export async function createDatabase(template = 'portolan_template'): Promise<string> {
  const name = `test_${process.env.JEST_WORKER_ID ?? '0'}_${randomBytes(5).toString('hex')}`;
  await onServer(`create database ${name} template ${template}`);
  return serverUrl().replace(/\/portolan$/, `/${name}`);
}

async function onServer(statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

class RunningPortolan implements Portolan {
  readonly url: string;
  readonly metricsUrl: string;
  readonly check = expectOfService;
  adminToken = '';
  private readonly agent = new Agent({ connections: 64, pipelining: 1 });

  constructor(
    readonly context: Context,
    private readonly server: RunningServer,
    private readonly metrics: RunningServer,
    readonly databaseUrl: string,
    private readonly ownsDatabase: boolean,
  ) {
    this.url = `http://127.0.0.1:${server.port}`;
    this.metricsUrl = `http://127.0.0.1:${metrics.port}`;
    context.listenUrl = this.url;
  }

  async ready(): Promise<this> {
    const answer = await this.call('login', { token: null, body: { email: adminEmail, password: adminPassword } });
    this.adminToken = answer.body.token;
    return this;
  }

  async call(operationId: OperationId, call: Call = {}): Promise<Answered> {
    const facts = factsOf(operationId);
    const path = facts.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = call.path?.[name];
      if (value === undefined) throw new Error(`${operationId} needs the path parameter ${name}`);
      return encodeURIComponent(value);
    });
    const token = call.token === undefined && facts.role === 'public' ? null : call.token;
    const metrics = facts.listener === 'metrics';
    const content = bodyFor(operationId, call.body);
    const answer = await this.send(facts.method.toUpperCase(), path, {
      metrics,
      ...call,
      ...content,
      headers: { ...content.headers, ...call.headers },
      ...(token === undefined ? {} : { token }),
    });
    expectOfService(operationId, answer);
    return answer;
  }

  async send(method: string, path: string, call: Call = {}): Promise<Answered> {
    const { body, query } = call;
    const token = call.token === undefined ? this.adminToken : call.token;
    const sent = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const search =
      typeof query === 'string' ? query : query ? new URLSearchParams(query as Record<string, string>).toString() : '';
    const response = await request((call.metrics ? this.metricsUrl : this.url) + path + (search ? `?${search}` : ''), {
      method: method as 'GET',
      dispatcher: this.agent,
      ...(sent === undefined ? {} : { body: sent as string }),
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
    });
    const endless = String(response.headers['content-type'] ?? '').startsWith('text/event-stream');
    const text = endless ? leave(response.body) : await response.body.text();
    const json = String(response.headers['content-type'] ?? '').startsWith('application/json');
    return { status: response.statusCode, headers: response.headers, body: json && text ? JSON.parse(text) : text, text };
  }

  async sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.context.database.pool.query(text, values)).rows as Row[];
  }

  async close(): Promise<void> {
    await this.agent.close();
    await Promise.all([this.server.stop(0), this.metrics.stop(0)]);
    await this.context.close();
    if (!this.ownsDatabase) return;
    await onServer(`drop database if exists ${new URL(this.databaseUrl).pathname.slice(1)} with (force)`);
  }
}

/** A stream has no end of its own: its head is the answer. test/support/eventStream.ts reads one. */
function leave(body: { on(event: 'error', listener: () => void): unknown; destroy(): unknown }): string {
  body.on('error', () => {});
  body.destroy();
  return '';
}

/** An answer has a status that the contract names, a body and headers that the contract describes, and a request id. */
export function expectContract(operationId: OperationId, answer: Answered): void {
  const { status, headers, body, text } = answer;
  const place = `${operationId} ${status}`;
  const declared = responseOf(operationId, status);
  if (!declared) {
    throw new Error(`${place} is not in the contract, which names ${declaredStatuses(operationId).join(', ')}: ${text}`);
  }
  for (const name of ['X-Request-Id', ...Object.keys(declared.headers ?? {})]) {
    if (!sometimes.has(name) && headers[name.toLowerCase()] === undefined) throw new Error(`${place} has no ${name}`);
  }
  const types = Object.keys(declared.content ?? {});
  const type = String(headers['content-type'] ?? '').split(';')[0] as string;
  if (types.length === 0 ? text !== '' : !types.includes(type) && !types.includes('*/*')) {
    throw new Error(`${place} has the media type "${type}"; the contract names ${types.join(', ') || 'no body'}`);
  }
  const validate = answers[`answer_${operationId}_${status}`];
  if (validate && !validate(body)) {
    throw new Error(`${place} does not match the contract: ${JSON.stringify(validate.errors)}\n${text}`);
  }
}

/** The same, and the status counts as seen. */
function expectOfService(operationId: OperationId, answer: Answered): void {
  expectContract(operationId, answer);
  if (process.env.TEST_FOLDER) appendFileSync(join(process.env.TEST_FOLDER, 'seen'), `${operationId} ${answer.status}\n`);
}

/** Declared headers that an answer may be without. */
const sometimes = new Set(['Allow', 'X-Cf-Warnings', 'Retry-After', 'Idempotent-Replayed', 'Deprecation', 'Sunset', 'Link']);
