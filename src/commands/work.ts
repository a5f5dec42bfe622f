import type { Context } from '../context';
import { sweepEvents, sweepEventsCron, sweepEventsPeriodSeconds } from '../jobs/sweepEvents';
import { sweepExpired, sweepExpiredCron, sweepExpiredPeriodSeconds } from '../jobs/sweepExpired';
import { startWorker, type Worker } from '../jobs/worker';
import { noteClockJob } from '../store/clockJobs';

/** Starts the worker of this process beside whatever else it does; clock jobs count as run now, until they do. */
export async function work({ database, loginTokens, log }: Context): Promise<Worker> {
  await database.transact(async (tx) => {
    await noteClockJob(tx, 'sweepExpired', sweepExpiredPeriodSeconds);
    await noteClockJob(tx, 'sweepEvents', sweepEventsPeriodSeconds);
  });
  return startWorker(
    database.pool,
    {
      sweepExpired: { cron: sweepExpiredCron, run: () => sweepExpired(database) },
      sweepEvents: { cron: sweepEventsCron, run: () => sweepEvents(database) },
      rotateSigningKeys: { cron: '23 3 * * *', run: () => loginTokens.rotate() },
    },
    log,
  );
}
