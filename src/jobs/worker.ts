import { EventEmitter } from 'node:events';
import type { Logger, Runner, Task, TaskList, WorkerEvents } from 'graphile-worker';
import type { Logger as Log } from 'pino';
import type { Database } from '../store/database';
import { startHeartbeat } from './heartbeat';
import { queuePool } from './queuePool';

/** A job by the clock: when it runs, and what it does. It may run twice, and must not mind. */
export interface ClockJob {
  /** Five fields, UTC. */
  cron: string;
  run(): Promise<unknown>;
}

/** Work that is handed to the queue; the payload is what was enqueued. It may run twice, and must not mind. */
export type QueuedJob = (payload: unknown, jobId: string) => Promise<unknown>;

export interface WorkerOptions {
  database: Database;
  log: Log;
  clockJobs: Record<string, ClockJob>;
  queuedJobs: Record<string, QueuedJob>;
  /** Queued jobs at a time. */
  concurrency: number;
  /** Aborted when the worker begins to stop: jobs end as soon as they can. */
  stopping: AbortController;
  heartbeatMs?: number;
  silentMs?: number;
  /** How often is looked for jobs whose time has come. */
  pollMs?: number;
}

export interface Worker {
  /** Lets running jobs finish what they must. */
  stop(): Promise<void>;
}

const dayMs = 24 * 60 * 60 * 1000;
const everyMinute = '* * * * *';

/**
 * Runs jobs from the queue in Postgres. Of any number of replicas one runs each job; a clock job that was due while all
 * were down runs once when the first is back, if it is less than a day late. Clock jobs have a runner of their own, so
 * that the clock goes on while every place for queued jobs is taken.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { database, log, clockJobs, queuedJobs, concurrency, stopping } = options;
  const { heartbeatMs = 3000, silentMs = 15_000, pollMs = 1000 } = options;
  // Loaded here: it takes a tenth of a second, which the first answers need not wait for.
  const { Logger: LibraryLogger, parseCronItems, run } = await import('graphile-worker');
  const logger = new LibraryLogger(loggerOf(log, () => stopping.signal.aborted));
  const poolIds = new Set<string>();
  const events: WorkerEvents = new EventEmitter();
  events.on('pool:create', ({ workerPool }) => poolIds.add(workerPool.id));
  const common = { pgPool: queuePool(database.pool), noHandleSignals: true, logger, events, pollInterval: pollMs };
  const heartbeat = startHeartbeat({
    database,
    poolIds: () => [...poolIds],
    onFreed: (freed) => log.warn({ workers: freed }, 'jobs of silent workers were freed'),
    heartbeatMs,
    silentMs,
  });
  const cronItems = Object.entries(clockJobs).map(([task, { cron }]) => ({
    task,
    match: cron,
    options: { backfillPeriod: cron === everyMinute ? 0 : dayMs, maxAttempts: 5, jobKey: task },
  }));
  const runners: Runner[] = await Promise.all([
    run({ ...common, taskList: clockTasks(clockJobs, log), parsedCronItems: parseCronItems(cronItems), concurrency: 2 }),
    run({ ...common, taskList: queuedTasks(queuedJobs, log), parsedCronItems: [], concurrency }),
  ]);
  for (const runner of runners) {
    // A worker that gives up must be seen; the API goes on without it, and /ready tells when a job is overdue.
    runner.promise.catch((error: unknown) => log.error({ err: error }, 'the worker stopped'));
  }
  return {
    stop: async () => {
      stopping.abort(new Error('the worker is stopping'));
      await Promise.all(runners.map((runner) => runner.stop()));
      await heartbeat.stop();
    },
  };
}

function clockTasks(jobs: Record<string, ClockJob>, log: Log): TaskList {
  const entries = Object.entries(jobs).map(([name, job]): [string, Task] => {
    const level = job.cron === everyMinute ? 'debug' : 'info';
    return [name, () => timed(log, level, name, () => job.run())];
  });
  return Object.fromEntries(entries);
}

/** The library says that ids are texts; from a pool that reads large numbers as numbers they are numbers. */
const queuedTasks = (jobs: Record<string, QueuedJob>, log: Log): TaskList =>
  Object.fromEntries(
    Object.entries(jobs).map(([name, job]): [string, Task] => [
      name,
      // A job that is asked for again while it waits keeps its id, and is another one all the same.
      (payload, { job: { id, revision } }) => timed(log, 'info', name, () => job(payload, `${id}.${revision}`)),
    ]),
  );

async function timed(log: Log, level: 'info' | 'debug', job: string, run: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  const result = await run();
  log[level]({ job, result, durationMs: Math.round(performance.now() - started) }, 'job done');
}

const levels: Record<string, 'error' | 'warn' | 'debug'> = { error: 'error', warning: 'warn' };

/** While it stops, the library reports the end of its own connections as errors. */
const loggerOf =
  (log: Log, stopping: () => boolean): ConstructorParameters<typeof Logger>[0] =>
  () =>
  (level, message) => {
    if (!stopping()) log[levels[level] ?? 'debug']({ source: 'graphile-worker' }, message);
  };
