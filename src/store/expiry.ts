import { type CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { Tx } from './database';

/** How long ended things are kept. */
export interface Retention {
  /** 0 = for ever. */
  auditLogDays: number;
  operationDays: number;
  /** Also of the metrics of servers. */
  healthLogDays: number;
  /** Expired API tokens stay listed this long. */
  expiredTokenDays: number;
}

/** Rows in one go: a first sweep after a long pause must not hold its locks for minutes. */
const batch = 10_000;

const expired = (table: string, condition: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`delete from ${sql.table(table)} where ctid = any(array(select ctid from ${sql.table(table)} where ${condition} limit ${sql.lit(batch)}))`;

const olderThan = (column: string, days: number): RawBuilder<unknown> =>
  sql`${sql.ref(column)} < now() - make_interval(days => ${sql.lit(days)})`;

/**
 * Deletes what has run out: kept answers, rate limit buckets, logins with their refresh tokens, and - after their retention - tokens, audit rows,
 * ended operations and what was seen of servers. Gives the number of rows by table, and whether there may be more of one.
 */
export async function deleteExpired(tx: Tx, retention: Retention): Promise<{ deleted: Record<string, number>; more: boolean }> {
  const statements: Record<string, RawBuilder<unknown>> = {
    idempotency_keys: expired('idempotency_keys', sql`expires_at < now()`),
    rate_limits: expired('rate_limits', sql`expire < extract(epoch from now()) * 1000`),
    revoked_access_tokens: expired('revoked_access_tokens', sql`expires_at < now()`),
    logins: expired('logins', sql`expires_at < now()`),
    api_tokens: expired('api_tokens', olderThan('expires_at', retention.expiredTokenDays)),
    ...(retention.auditLogDays === 0
      ? {}
      : { audit_logs: expired('audit_logs', olderThan('created_at', retention.auditLogDays)) }),
    operations: expired('operations', olderThan('finished_at', retention.operationDays)),
    health_logs: expired('health_logs', olderThan('created_at', retention.healthLogDays)),
    server_metrics: expired('server_metrics', olderThan('collected_at', retention.healthLogDays)),
  };
  const deleted: Record<string, number> = {};
  for (const [table, statement] of Object.entries(statements)) {
    const result = await tx.executeQuery(statement.compile(tx) as CompiledQuery<unknown>);
    deleted[table] = Number(result.numAffectedRows ?? 0);
  }
  return { deleted, more: Object.values(deleted).some((rows) => rows >= batch) };
}
