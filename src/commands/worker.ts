import type { Context } from '../context';
import { type StageParts, stageBuild } from '../jobs/builds/stageBuild';
import { sweepBuilds, sweepBuildsCron, sweepBuildsPeriodSeconds } from '../jobs/builds/sweepBuilds';
import { runDeletion } from '../jobs/deletions/runDeletion';
import { checkManifests, checkManifestsCron, checkManifestsPeriodSeconds } from '../jobs/droplets/checkManifests';
import { resolveDroplet } from '../jobs/droplets/resolveDroplet';
import { sweepDroplets, sweepDropletsCron, sweepDropletsPeriodSeconds } from '../jobs/droplets/sweepDroplets';
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
import { openDatabase } from '../store/database';

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
  sweepBuilds: sweepBuildsPeriodSeconds,
  sweepDroplets: sweepDropletsPeriodSeconds,
  checkManifests: checkManifestsPeriodSeconds,
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
    const { walkParts, environmentDefaults } = context;
    const parts: JobParts = { ...times, ...walkParts, environmentDefaults, database, stopping: stopping.signal };
    const worker = await startWorker({
      database,
      log,
      clockJobs: clockJobs(context, parts),
      queuedJobs: queuedJobs(context, parts),
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

/** What jobs are made with. */
type JobParts = RefreshParts & StageParts;

function clockJobs({ liveSettings, loginTokens }: Context, parts: JobParts): Record<string, ClockJob> {
  const { database } = parts;
  return {
    sweepExpired: { cron: sweepExpiredCron, run: () => sweepExpired(database, liveSettings.current()) },
    sweepEvents: { cron: sweepEventsCron, run: () => sweepEvents(database) },
    sweepImageDigests: {
      cron: sweepImageDigestsCron,
      run: () => sweepImageDigests(database, liveSettings.current().imageDigestRetentionDays),
    },
    scheduleRefreshes: { cron: scheduleRefreshesCron, run: () => scheduleByTheClock(database) },
    sweepBuilds: { cron: sweepBuildsCron, run: () => sweepBuilds(parts) },
    sweepDroplets: { cron: sweepDropletsCron, run: () => sweepDroplets(database) },
    checkManifests: { cron: checkManifestsCron, run: () => checkManifests(parts) },
    rotateSigningKeys: { cron: '23 3 * * *', run: () => loginTokens.rotate() },
  };
}

function queuedJobs({ telemetry }: Context, parts: JobParts): Record<string, QueuedJob> {
  return {
    refreshRegistry: (payload, jobId) =>
      refreshRegistry({ ...parts, onRefreshed: telemetry.refreshed }, (payload as { registryId: string }).registryId, jobId),
    checkImage: (payload) => checkImage(parts, (payload as { imageId: string }).imageId),
    resolveDroplet: (payload) => resolveDroplet(parts, (payload as { dropletId: string }).dropletId),
    stageBuild: (payload) => stageBuild(parts, (payload as { buildId: string }).buildId),
    runDeletion: (payload) => runDeletion(parts, (payload as { operationId: string }).operationId),
  };
}
