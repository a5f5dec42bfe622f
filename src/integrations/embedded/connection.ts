import pg from 'pg';
import { databaseName } from './cluster';

/** What a server says to somebody who comes with our password. */
export type Answer = 'ready' | 'no_database' | 'wrong_password' | 'not_yet';

/** The connection string of the embedded server on this port. */
export function connectionString(port: number, password: string, database: string = databaseName): string {
  return `postgres://${databaseName}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/** Tries one real connection. Everything but a plain answer (refused, silent, starting up, shutting down) is not yet. */
export async function ask(port: number, password: string, timeoutMs: number): Promise<Answer> {
  try {
    await query(port, password, databaseName, 'select 1', timeoutMs);
    return 'ready';
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === '3D000') return 'no_database';
    // invalid_password, invalid_authorization_specification
    return code === '28P01' || code === '28000' ? 'wrong_password' : 'not_yet';
  }
}

/** Creates the database. A start that is killed before this leaves a cluster without it, so every start looks. */
export async function createDatabase(port: number, password: string): Promise<void> {
  await query(port, password, 'postgres', `create database "${databaseName}"`, 30_000);
}

async function query(port: number, password: string, database: string, text: string, timeoutMs: number): Promise<void> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: databaseName,
    password,
    database,
    ssl: false,
    application_name: 'portolan start',
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  // A connection that breaks between the steps reports it here; the step itself fails too.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(text);
  } finally {
    // Not awaited: a server that hangs would never acknowledge.
    void client.end().catch(() => undefined);
  }
}
