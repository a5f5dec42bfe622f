import { noteClockJob } from '../store/clockJobs';
import type { Database } from '../store/database';
import { deleteExpired } from '../store/expiry';
import { dropSpentJobs } from '../store/jobs';

/** At seven past each hour. Nothing depends on it: what has expired is never used, swept or not. */
export const sweepExpiredCron = '7 * * * *';
export const sweepExpiredPeriodSeconds = 3600;

const retention = { auditLogDays: 90, operationDays: 30, expiredTokenDays: 30 };

/** Deletes what has run out, and notes that it ran. Running it twice deletes nothing more. */
export const sweepExpired = (database: Database): Promise<Record<string, number>> =>
  database.transact(async (tx) => {
    const deleted = { ...(await deleteExpired(tx, retention)), jobs: await dropSpentJobs(tx) };
    await noteClockJob(tx, 'sweepExpired', sweepExpiredPeriodSeconds);
    return deleted;
  });
