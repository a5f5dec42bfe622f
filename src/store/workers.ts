import { sql } from 'kysely';
import type { Tx } from './database';
import { statement } from './statement';

const beat = statement<{ id: string; poolIds: string[] }, never>(
  (_, v) => sql<never>`
  insert into worker_processes (id, worker_ids) values (${v.id}, ${v.poolIds}::text[])
  on conflict (id) do update set seen_at = now(), worker_ids = excluded.worker_ids`,
);

/** Notes that a worker process is alive, and under which ids it locks jobs. */
export const noteAlive = (tx: Tx, id: string, poolIds: readonly string[]): Promise<never[]> =>
  beat.all(tx, { id, poolIds: poolIds as string[] });

const lockSweep = statement<Record<never, never>, { locked: boolean }>(
  () => sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(hashtext('portolan.silent_workers')) as locked`,
);

// The library itself would wait four hours. A job that is locked by nobody known belongs to a process that died before
// its first sign of life; it gets the same time as the others.
const silent = statement<{ silentMs: number }, { locked_by: string }>(
  (_, v) => sql<{ locked_by: string }>`
  select distinct locked_by from graphile_worker.jobs
  where locked_by is not null and locked_at < now() - ${v.silentMs}::float8 * interval '1 ms' and not exists (
    select from worker_processes where jobs.locked_by = any(worker_ids)
    and seen_at > now() - ${v.silentMs}::float8 * interval '1 ms')`,
);
const unlock = statement<{ poolIds: string[] }, never>(
  (_, v) => sql<never>`select graphile_worker.force_unlock_workers(${v.poolIds}::text[])`,
);
const forgetSilent = statement<{ silentMs: number }, never>(
  (_, v) => sql<never>`delete from worker_processes where seen_at < now() - 10 * ${v.silentMs}::float8 * interval '1 ms'`,
);

/** Frees the jobs of workers that gave no sign of life for a while; gives the ids under which they had locked them. */
export async function freeJobsOfSilentWorkers(tx: Tx, silentMs: number): Promise<string[]> {
  // One replica at a time is enough, and the others need not wait for it.
  if (!(await lockSweep.first(tx, {}))?.locked) return [];
  const poolIds = (await silent.all(tx, { silentMs })).map((row) => row.locked_by);
  if (poolIds.length > 0) await unlock.all(tx, { poolIds });
  await forgetSilent.all(tx, { silentMs });
  return poolIds;
}

const end = statement<{ id: string }, never>((_, v) => sql<never>`delete from worker_processes where id = ${v.id}`);

/** Takes leave of a worker process that ends in order. */
export const noteEnded = (tx: Tx, id: string): Promise<never[]> => end.all(tx, { id });
