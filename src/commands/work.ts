import type { Context } from '../context';
import { sweepExpired, sweepExpiredCron, sweepExpiredPeriodSeconds } from '../jobs/sweepExpired';
import { startWorker, type Worker } from '../jobs/worker';
import { noteClockJob } from '../store/clockJobs';

/** Starts the worker of this process beside whatever else it does; clock jobs count as run now, until they do. */
export async function work({ database, loginTokens, log }: Context): Promise<Worker> {
  await database.transact((tx) => noteClockJob(tx, 'sweepExpired', sweepExpiredPeriodSeconds));
  return startWorker(
    database.pool,
    {
      sweepExpired: { cron: sweepExpiredCron, run: () => sweepExpired(database) },
      rotateSigningKeys: { cron: '23 3 * * *', run: () => loginTokens.rotate() },
    },
    log,
  );
}
