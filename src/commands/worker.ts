import type { Context } from '../context';
import { runDeletion } from '../jobs/deletions/runDeletion';
import { resolveDroplet } from '../jobs/droplets/resolveDroplet';
import { checkImage } from '../jobs/images/checkImage';
import { type RefreshParts, refreshRegistry } from '../jobs/registries/refreshRegistry';
import {
  scheduleByTheClock,
  scheduleOften,
  scheduleRefreshesCron,
  scheduleRefreshesPeriodSeconds,
} from '../jobs/registries/scheduleRefreshes';
import { sweepEvents, sweepEventsCron, sweepEventsPeriodSeconds } from '../jobs/sweepEvents';
import { sweepExpired, sweepExpiredCron, sweepExpiredPeriodSeconds } from '../jobs/sweepExpired';
import { sweepImageDigests, sweepImageDigestsCron, sweepImageDigestsPeriodSeconds } from '../jobs/sweepImageDigests';
import { type ClockJob, type QueuedJob, startWorker, type Worker } from '../jobs/worker';
import { noteClockJob } from '../store/clockJobs';
import { type Database, openDatabase } from '../store/database';

/** How often and how long things are waited for; for tests, which have less time. */
export interface WorkerTimes {
  heartbeatMs?: number;
  silentMs?: number;
  pollMs?: number;
  scheduleMs?: number;
  refreshLeaseMs?: number;
  walkLeaseMs?: number;
}

const clockPeriods = {
  sweepExpired: sweepExpiredPeriodSeconds,
  sweepEvents: sweepEventsPeriodSeconds,
  sweepImageDigests: sweepImageDigestsPeriodSeconds,
  scheduleRefreshes: scheduleRefreshesPeriodSeconds,
};

/**
 * Starts the worker of this process beside whatever else it does; clock jobs count as run now, until they do. It has a
 * pool of its own, so that a refresh never keeps an answer of the API waiting for a connection.
 */
export async function startProcessWorker(context: Context, times: WorkerTimes = {}): Promise<Worker> {
  const { config, log } = context;
  const database = openDatabase({
    connectionString: context.databaseUrl,
    poolSize: config.databasePoolSize,
    applicationName: 'portolan worker',
    onError: (error) => log.warn({ reason: error.message }, 'an idle database connection was lost'),
  });
  const stopping = new AbortController();
  try {
    await database.transact(async (tx) => {
      for (const [name, period] of Object.entries(clockPeriods)) await noteClockJob(tx, name, period);
    });
    const worker = await startWorker({
      database,
      log,
      clockJobs: clockJobs(context, database),
      queuedJobs: queuedJobs(context, { ...times, ...context.walkParts, database, stopping: stopping.signal }),
      concurrency: config.workerConcurrency,
      stopping,
      ...times,
    });
    const schedule = scheduleOften(
      database,
      (error) => log.warn({ err: error }, 'a turn of the schedule failed'),
      times.scheduleMs,
    );
    return {
      async stop() {
        schedule.stop();
        await worker.stop();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function clockJobs({ config, loginTokens }: Context, database: Database): Record<string, ClockJob> {
  return {
    sweepExpired: { cron: sweepExpiredCron, run: () => sweepExpired(database) },
    sweepEvents: { cron: sweepEventsCron, run: () => sweepEvents(database) },
    sweepImageDigests: {
      cron: sweepImageDigestsCron,
      run: () => sweepImageDigests(database, config.imageDigestRetentionDays),
    },
    scheduleRefreshes: { cron: scheduleRefreshesCron, run: () => scheduleByTheClock(database) },
    rotateSigningKeys: { cron: '23 3 * * *', run: () => loginTokens.rotate() },
  };
}

function queuedJobs({ telemetry, config }: Context, parts: RefreshParts): Record<string, QueuedJob> {
  return {
    refreshRegistry: (payload, jobId) =>
      refreshRegistry({ ...parts, onRefreshed: telemetry.refreshed }, (payload as { registryId: string }).registryId, jobId),
    checkImage: (payload) => checkImage(parts, (payload as { imageId: string }).imageId),
    resolveDroplet: (payload) =>
      resolveDroplet(
        { ...parts, allowUnknownRepositories: config.allowUnknownRepositories },
        (payload as { dropletId: string }).dropletId,
      ),
    runDeletion: (payload) => runDeletion(parts, (payload as { operationId: string }).operationId),
  };
}
