import { CompiledQuery, Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { DB } from '../../generated/database';
import { isRetryable } from './databaseErrors';

/** For reads: the pool, or a transaction. */
export type Db = Kysely<DB>;

declare const writable: unique symbol;
/** For writes: only a transaction of `transact` is one, so a write outside a transaction does not compile. */
export type Tx = Transaction<DB> & { readonly [writable]: true };

export interface DatabaseOptions {
  connectionString: string;
  /** Connections at most. 8 to 16 carry a whole core. */
  poolSize: number;
  applicationName: string;
  onError?(error: Error): void;
}

export interface Database {
  db: Db;
  /** For libraries that bring their own statements. */
  pool: pg.Pool;
  /** Runs `work` in one transaction; see `transact`. */
  transact: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  close(): Promise<void>;
}

const statementNames = new Map<string, string>();
const statementLimit = 2000;

/** The name under which a text is prepared; undefined beyond the limit, so that no text can fill the server's memory. */
function statementName(text: string): string | undefined {
  let name = statementNames.get(text);
  if (name === undefined && statementNames.size < statementLimit) {
    name = `p${statementNames.size}`;
    statementNames.set(text, name);
  }
  return name;
}

/** Kysely prepares nothing by itself: this client names every statement that has parameters, once per connection. */
class PreparingClient extends pg.Client {
  // The overloads of pg's query() cannot be restated; Kysely calls this one.
  override query(text: unknown, values?: unknown, ...rest: unknown[]): never {
    const original = super.query as (...parameters: unknown[]) => never;
    if (typeof text === 'string' && Array.isArray(values) && values.length > 0) {
      const name = statementName(text);
      if (name !== undefined) return original.call(this, { name, text, values }, ...rest);
    }
    return original.call(this, text, values, ...rest);
  }
}

/** `2026-03-01 08:00:00.12+00` of a UTC session as `2026-03-01T08:00:00.120Z`: no Date is made on the way to the wire. */
function isoTimestamp(text: string): string {
  if (text === 'infinity' || text === '-infinity') return text;
  const fraction = text.length > 22 ? text.slice(20, text.length - 3) : '';
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
}

const timestamptz = 1184;
const int8 = 20;
const parsers = new Map<number, (text: string) => unknown>([
  [timestamptz, isoTimestamp],
  [int8, Number],
]);
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format as 'text'),
};

/** Opens a pool on the given server. Nothing is sent before the first query. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    Client: PreparingClient as never,
    connectionString: options.connectionString,
    application_name: options.applicationName,
    options: '-c TimeZone=UTC',
    max: options.poolSize,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    types,
  } as pg.PoolConfig);
  // Without a listener a server that stops would end the process.
  pool.on('error', (error) => options.onError?.(error));
  // The pool listens to idle connections only. One that is lost between two statements of a transaction would end the
  // process too; whoever holds it learns it from the next statement.
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
  return { db, pool, transact: (work) => transact(db, work), close: () => db.destroy() };
}

const attempts = 4;

/**
 * Runs `work` in one transaction and gives its result after the commit. A deadlock or a serialization failure runs it
 * again from the start, so `work` acts on nothing but `tx`.
 */
async function transact<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute((tx) => work(tx as Tx));
    } catch (error) {
      if (attempt >= attempts || !isRetryable(error)) throw error;
    }
  }
}

/** Sends one statement for its answer only; for probes. */
export async function ping(db: Db): Promise<void> {
  await db.executeQuery(CompiledQuery.raw('select 1'));
}
