import type pg from 'pg';
import { RateLimiterPostgres } from 'rate-limiter-flexible';

/** A bucket in the database, so that all replicas count together. Rows that ran out are swept with the other expired ones. */
export function sharedBucket(pool: pg.Pool, name: string, points: number, seconds: number): RateLimiterPostgres {
  return new RateLimiterPostgres({
    storeClient: pool,
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix: name,
    points,
    duration: seconds,
  });
}
