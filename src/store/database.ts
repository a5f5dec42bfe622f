import type { Duplex } from 'node:stream';
import { CompiledQuery, type DatabaseConnection, Kysely, PostgresDialect, PostgresDriver, type Transaction } from 'kysely';
import pg from 'pg';
import type { DB } from '../../generated/database';
import { isRetryable } from './databaseErrors';
import { ReadLane } from './readLane';

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

/** The name under which a text is prepared; the same for all connections. undefined beyond the limit, so that no text can fill the server's memory. */
export function statementName(text: string): string | undefined {
  let name = statementNames.get(text);
  if (name === undefined && statementNames.size < statementLimit) {
    name = `p${statementNames.size}`;
    statementNames.set(text, name);
  }
  return name;
}

/**
 * Kysely prepares nothing by itself: this client names every statement that has parameters, once per connection. What is
 * sent in one turn of the event loop is written to the socket at once.
 */
class PreparingClient extends pg.Client {
  private gathering = false;
  private ending = false;

  private gather(): void {
    const { stream } = (this as unknown as { connection: { stream: Duplex } }).connection;
    if (this.gathering || !stream.writable) return;
    this.gathering = true;
    stream.cork();
    setImmediate(() => {
      this.gathering = false;
      stream.uncork();
    });
  }

  // The overloads of pg's query() cannot be restated; Kysely calls this one.
  override query(text: unknown, values?: unknown, ...rest: unknown[]): never {
    const original = super.query as (...parameters: unknown[]) => never;
    // Statements that still wait in a transaction when it ends would run after it, each committed for itself.
    if (this.ending) return Promise.reject(new Error('The transaction of this statement has ended.')) as never;
    this.gather();
    if (text === 'commit' || text === 'rollback') {
      this.ending = true;
      const end = original.call(this, text, values, ...rest) as Promise<unknown>;
      const ended = () => {
        this.ending = false;
      };
      end.then(ended, ended);
      return end as never;
    }
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

/**
 * Sends BEGIN together with the statement behind it: a BEGIN that fails makes that statement fail too, so its own answer
 * is not waited for.
 */
class EagerDriver extends PostgresDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    connection.executeQuery(CompiledQuery.raw('begin')).catch(() => {});
  }
}
class EagerDialect extends PostgresDialect {
  constructor(private readonly eagerConfig: { pool: pg.Pool }) {
    super(eagerConfig);
  }
  override createDriver(): PostgresDriver {
    return new EagerDriver(this.eagerConfig);
  }
}

const lanes = new WeakMap<object, ReadLane>();
const laneConnections = 2;

/** Where single rows of this database are read from; undefined inside a transaction. */
export const laneOf = (db: Db): ReadLane | undefined => lanes.get(db);

/** Opens a pool on the given server. Nothing is sent before the first query. */
export function openDatabase(options: DatabaseOptions): Database {
  const settings = {
    connectionString: options.connectionString,
    application_name: options.applicationName,
    options: '-c TimeZone=UTC',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    // Statements are sent as they come; each has its own end, so the error of one is not another's.
    pipeline: true,
    types,
  };
  const pool = new pg.Pool({
    ...settings,
    Client: PreparingClient as never,
    max: options.poolSize,
    idleTimeoutMillis: 60_000,
  } as pg.PoolConfig);
  let closing = false;
  // Without listeners a server that stops would end the process: on the pool for idle connections, on each for busy ones.
  pool.on('error', (error) => {
    if (!closing) options.onError?.(error);
  });
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<DB>({ dialect: new EagerDialect({ pool }) });
  const lane = new ReadLane(
    () => new PreparingClient({ ...settings, statement_timeout: 10_000 } as pg.ClientConfig),
    laneConnections,
  );
  lanes.set(db, lane);
  return {
    db,
    pool,
    transact: (work) => transact(db, work),
    async close() {
      closing = true;
      await lane.close();
      await db.destroy();
    },
  };
}

const attempts = 4;

/**
 * Runs `work` in one transaction and gives its result after the commit. A deadlock or a serialization failure runs it
 * again from the start, so `work` acts on nothing but `tx`.
 */
async function transact<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const deferred: Promise<unknown>[] = [];
    try {
      const result = await db.transaction().execute(async (tx) => {
        deferredWrites.set(tx, deferred);
        try {
          const outcome = await work(tx as Tx);
          // A transaction sends one statement at a time, so only one can be on its way when the commit is sent.
          if (deferred.length > 1) await Promise.all(deferred);
          return outcome;
        } catch (error) {
          // What still waits is sent before the rollback: behind it, it would be committed for itself.
          await Promise.allSettled(deferred);
          throw error;
        }
      });
      // A deferred write that failed made the commit a rollback: nothing was changed, and the failure is told.
      await Promise.all(deferred);
      return result;
    } catch (error) {
      if (attempt >= attempts || !isRetryable(error)) throw error;
    }
  }
}

const deferredWrites = new WeakMap<object, Promise<unknown>[]>();

/**
 * Lets a write whose result nobody reads travel together with what follows, the commit included. Its failure fails the
 * transaction.
 */
export function defer(tx: Tx, write: Promise<unknown>): void {
  write.catch(() => {});
  deferredWrites.get(tx)?.push(write);
}

/** Sends one statement for its answer only; for probes. */
export async function ping(db: Db): Promise<void> {
  await db.executeQuery(CompiledQuery.raw('select 1'));
}
