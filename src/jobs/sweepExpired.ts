import type { SystemSettings } from '../domain/settings/systemSettings';
import { noteClockJob } from '../store/clockJobs';
import type { Database } from '../store/database';
import { deleteExpired } from '../store/expiry';
import { dropSpentJobs } from '../store/jobs';

/** At seven past each hour. Nothing depends on it: what has expired is never used, swept or not. */
export const sweepExpiredCron = '7 * * * *';
export const sweepExpiredPeriodSeconds = 3600;

/** Expired API tokens stay listed this long. */
const expiredTokenDays = 30;
/** Transactions in one go: samples come faster than one batch an hour, and a retention may have been shortened. */
const batches = 100;

type Retentions = Pick<SystemSettings, 'auditLogRetentionDays' | 'operationRetentionDays' | 'healthLogRetentionDays'>;

/** Deletes what has run out, and notes that it ran. Running it twice deletes nothing more. */
export async function sweepExpired(database: Database, settings: Retentions): Promise<Record<string, number>> {
  const retention = {
    auditLogDays: settings.auditLogRetentionDays,
    operationDays: settings.operationRetentionDays,
    healthLogDays: settings.healthLogRetentionDays,
    expiredTokenDays,
  };
  const totals: Record<string, number> = {};
  for (let index = 0; index < batches; index++) {
    const { deleted, more } = await database.transact((tx) => deleteExpired(tx, retention));
    for (const [table, rows] of Object.entries(deleted)) totals[table] = (totals[table] ?? 0) + rows;
    if (!more) break;
  }
  const jobs = await database.transact(async (tx) => {
    const dropped = await dropSpentJobs(tx);
    await noteClockJob(tx, 'sweepExpired', sweepExpiredPeriodSeconds);
    return dropped;
  });
  return { ...totals, jobs };
}
