import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { Agent, request } from 'undici';
import answers from '../../generated/answers';
import { type OperationId, operations } from '../../generated/operations';
import contract from '../../generated/openapi.json';
import { type Context, createContext } from '../../src/context';
import type { OperationFacts } from '../../src/http/operationFacts';
import { type RunningServer, startServer } from '../../src/http/server';
import { adminEmail, adminPassword, testConfig, testKeyring } from './config';

export interface Call {
  path?: Record<string, string>;
  query?: Record<string, string | number | boolean> | string;
  /** An object is sent as JSON; a text or bytes as they are. */
  body?: unknown;
  headers?: Record<string, string>;
  /** null = no credential; absent = the administrator's. */
  token?: string | null;
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
  context: Context;
  databaseUrl: string;
  adminToken: string;
  /** Calls an operation by its id; every answer is checked against the contract. */
  call(operationId: OperationId, call?: Call): Promise<Answered>;
  /** Sends anything to any path; nothing is checked. */
  send(method: string, path: string, call?: Call): Promise<Answered>;
  /** Runs SQL in this service's database. */
  sql<Row extends object = any>(text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** Starts a service of its own on a copy of the template database. `variables` are environment variables. */
export async function startPortolan(variables: Record<string, string> = {}): Promise<Portolan> {
  return run(await createDatabase(), true, variables);
}

/** Starts a second service on the database of another one, as a replica does. Close it first. */
export const startReplica = (of: Portolan, variables: Record<string, string> = {}): Promise<Portolan> =>
  run(of.databaseUrl, false, variables);

async function run(databaseUrl: string, ownsDatabase: boolean, variables: Record<string, string>): Promise<Portolan> {
  const config = testConfig(variables);
  const context = createContext({ config, databaseUrl, keyring: testKeyring });
  await context.loginTokens.rotate();
  const { host, port, maxConnections, headersTimeoutMs, requestTimeoutMs } = config;
  const server = await startServer(context.app, {
    host,
    port,
    maxConnections,
    headersTimeoutMs,
    requestTimeoutMs,
    onRefusedConnection: context.telemetry.refusedConnection,
  });
  return new RunningPortolan(context, server, databaseUrl, ownsDatabase).ready();
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
  adminToken = '';
  private readonly agent = new Agent({ connections: 64, pipelining: 1 });

  constructor(
    readonly context: Context,
    private readonly server: RunningServer,
    readonly databaseUrl: string,
    private readonly ownsDatabase: boolean,
  ) {
    this.url = `http://127.0.0.1:${server.port}`;
    context.listenUrl = this.url;
  }

  async ready(): Promise<this> {
    const answer = await this.call('login', { token: null, body: { email: adminEmail, password: adminPassword } });
    this.adminToken = answer.body.token;
    return this;
  }

  async call(operationId: OperationId, call: Call = {}): Promise<Answered> {
    const facts: OperationFacts = operations[operationId];
    const path = facts.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = call.path?.[name];
      if (value === undefined) throw new Error(`${operationId} needs the path parameter ${name}`);
      return encodeURIComponent(value);
    });
    const token = call.token === undefined && facts.role === 'public' ? null : call.token;
    const answer = await this.send(facts.method.toUpperCase(), path, { ...call, ...(token === undefined ? {} : { token }) });
    expectContract(operationId, answer);
    return answer;
  }

  async send(method: string, path: string, call: Call = {}): Promise<Answered> {
    const { body, query } = call;
    const token = call.token === undefined ? this.adminToken : call.token;
    const sent = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const search = typeof query === 'string' ? query : query ? new URLSearchParams(query as Record<string, string>).toString() : '';
    const response = await request(this.url + path + (search ? `?${search}` : ''), {
      method: method as 'GET',
      dispatcher: this.agent,
      ...(sent === undefined ? {} : { body: sent as string }),
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
    });
    const text = await response.body.text();
    const json = String(response.headers['content-type'] ?? '').startsWith('application/json');
    return { status: response.statusCode, headers: response.headers, body: json && text ? JSON.parse(text) : text, text };
  }

  async sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.context.database.pool.query(text, values)).rows as Row[];
  }

  async close(): Promise<void> {
    await this.agent.close();
    await this.server.stop(0);
    await this.context.close();
    if (!this.ownsDatabase) return;
    await onServer(`drop database if exists ${new URL(this.databaseUrl).pathname.slice(1)} with (force)`);
  }
}

type Paths = Record<string, Record<string, { operationId?: string; responses: Record<string, unknown> }>>;

/** The statuses that the contract names for an operation. */
export function declaredStatuses(operationId: OperationId): string[] {
  const { path, method } = operations[operationId];
  return Object.keys((contract.paths as unknown as Paths)[path]?.[method]?.responses ?? {});
}

/** An answer has a status that the contract names, a body that the contract describes, and a request id. */
function expectContract(operationId: OperationId, answer: Answered): void {
  const place = `${operationId} ${answer.status}`;
  if (!declaredStatuses(operationId).includes(String(answer.status))) {
    throw new Error(`${place} is not in the contract: ${answer.text}`);
  }
  if (!answer.headers['x-request-id']) throw new Error(`${place} has no X-Request-Id`);
  const validate = answers[`answer_${operationId}_${answer.status}`];
  if (validate && !validate(answer.body)) {
    throw new Error(`${place} does not match the contract: ${JSON.stringify(validate.errors)}\n${answer.text}`);
  }
  if (process.env.TEST_FOLDER) appendFileSync(join(process.env.TEST_FOLDER, 'seen'), `${place}\n`);
}
