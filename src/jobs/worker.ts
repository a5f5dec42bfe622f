import type { Logger, Runner, TaskList } from 'graphile-worker';
import type pg from 'pg';
import type { Logger as Log } from 'pino';

/** A job by the clock: when it runs, and what it does. It may run twice, and must not mind. */
export interface ClockJob {
  /** Five fields, UTC. */
  cron: string;
  run(): Promise<unknown>;
}

export interface Worker {
  /** Lets running jobs finish. */
  stop(): Promise<void>;
}

/**
 * Runs jobs from the queue in Postgres. Of any number of replicas one runs each job; one that was due while all were
 * down runs once when the first is back, if it is less than a day late.
 */
export async function startWorker(pool: pg.Pool, jobs: Record<string, ClockJob>, log: Log): Promise<Worker> {
  // Loaded here: it takes a tenth of a second, which the first answers need not wait for.
  const { Logger: LibraryLogger, parseCronItems, run } = await import('graphile-worker');
  const taskList: TaskList = {};
  for (const [name, job] of Object.entries(jobs)) {
    taskList[name] = async () => {
      const started = performance.now();
      const result = await job.run();
      log.info({ job: name, result, durationMs: Math.round(performance.now() - started) }, 'job done');
    };
  }
  const cronItems = Object.entries(jobs).map(([task, { cron }]) => ({
    task,
    match: cron,
    options: { backfillPeriod: 24 * 60 * 60 * 1000, maxAttempts: 5, jobKey: task },
  }));
  let stopping = false;
  const runner: Runner = await run({
    pgPool: pool,
    taskList,
    parsedCronItems: parseCronItems(cronItems),
    concurrency: 2,
    noHandleSignals: true,
    logger: new LibraryLogger(loggerOf(log, () => stopping)),
  });
  // A worker that gives up must be seen; the API goes on without it, and /ready tells when a job is overdue.
  runner.promise.catch((error: unknown) => log.error({ err: error }, 'the worker stopped'));
  return {
    stop: async () => {
      stopping = true;
      await runner.stop();
    },
  };
}

const levels: Record<string, 'error' | 'warn' | 'debug'> = { error: 'error', warning: 'warn' };

/** While it stops, the library reports the end of its own connections as errors. */
const loggerOf =
  (log: Log, stopping: () => boolean): ConstructorParameters<typeof Logger>[0] =>
  () =>
  (level, message) => {
    if (!stopping()) log[levels[level] ?? 'debug']({ source: 'graphile-worker' }, message);
  };
