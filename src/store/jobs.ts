import { CompiledQuery, sql } from 'kysely';
import type { Db, Tx } from './database';
import { statement } from './statement';

/**
 * The queue's own tables belong to its library; here are only calls of the functions that it offers. A job's key is
 * unique among the jobs that wait: adding one again moves the waiting one, adding one that runs adds a second one.
 */
export interface NewJob {
  task: string;
  payload: Record<string, string>;
  key: string;
  /** ISO time; null = now. */
  runAt: string | null;
  /** Lower ones run first. */
  priority: number;
}

const add = statement<{ task: string; payload: string; key: string; runAt: string | null; priority: number }, never>(
  (_, v) => sql<never>`select from graphile_worker.add_job(${v.task}::text, payload => ${v.payload}::json,
    run_at => ${v.runAt}::timestamptz, max_attempts => 25, job_key => ${v.key}::text, priority => ${v.priority}::int)`,
);

/** Adds a job, or moves the one that waits under the same key to this time; in the caller's transaction. */
export async function addJob(tx: Tx, { payload, ...job }: NewJob): Promise<void> {
  await add.all(tx, { ...job, payload: JSON.stringify(payload) });
}

const addMany = statement<{ jobs: string }, never>(
  (_, v) => sql<never>`
    select from graphile_worker.add_jobs(array(
      select (job->>'task', job->'payload', null, (job->>'runAt')::timestamptz, 25, job->>'key', (job->>'priority')::int,
        null)::graphile_worker.job_spec
      from json_array_elements(${v.jobs}::json) job), job_key_preserve_run_at => true)`,
);

/** Adds many jobs in one statement; those that wait under their key already keep their time. */
export async function addJobs(tx: Tx, jobs: readonly NewJob[]): Promise<void> {
  if (jobs.length > 0) await addMany.all(tx, { jobs: JSON.stringify(jobs) });
}

const hurry = statement<{ key: string }, never>(
  (_, v) => sql<never>`
  select from graphile_worker.jobs waiting, lateral graphile_worker.reschedule_jobs(array[waiting.id], run_at => now())
  where waiting.key = ${v.key} and waiting.locked_at is null`,
);

/** Lets the job that waits under a key, if there is one, run now. */
export const hurryJob = (tx: Tx, key: string): Promise<never[]> => hurry.all(tx, { key });

const dropSpent = statement<Record<never, never>, { id: string }>(
  () => sql<{ id: string }>`
  select id from graphile_worker.complete_jobs(array(
    select id from graphile_worker.jobs where attempts >= max_attempts and key is null and locked_at is null))`,
);

/** Deletes jobs that never run again: those whose worker died after their key had gone to a newer one. Gives how many. */
export const dropSpentJobs = async (tx: Tx): Promise<number> => (await dropSpent.all(tx, {})).length;

const lockMigration = statement<Record<never, never>, never>(
  () => sql<never>`select pg_advisory_xact_lock(hashtext('portolan.queue_schema'))`,
);

/** Makes replicas that start together bring the queue's schema up one after the other. */
export const lockQueueMigration = (tx: Tx): Promise<never[]> => lockMigration.all(tx, {});

/** Number of the newest migration of the queue's schema; 0 without one. */
export async function queueMigration(db: Db): Promise<number> {
  try {
    const query = CompiledQuery.raw('select coalesce(max(id), 0) as id from graphile_worker.migrations');
    return (await db.executeQuery<{ id: number }>(query)).rows[0]?.id ?? 0;
  } catch (error) {
    if ((error as { code?: string }).code === '42P01') return 0;
    throw error;
  }
}
