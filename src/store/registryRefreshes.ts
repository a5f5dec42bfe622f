import { sql } from 'kysely';
import type { Db, Tx } from './database';
import { statement } from './statement';

/** A connection whose refresh falls due, and when. */
export interface DueRefresh {
  registry_id: string;
  due_at: string;
  /** By the same clock. */
  claimed_at: string;
}

// The claim itself pushes the row out by an interval: if nothing comes of the job, the next turn still does. Rows that
// another replica claims at this moment are its own affair.
const claimDue = statement<{ withinMs: number; most: number }, DueRefresh>(
  (_, v) => sql<DueRefresh>`
  with due as materialized (
    select registry_id, next_refresh_at from registry_refreshes
    where next_refresh_at <= now() + ${v.withinMs}::float8 * interval '1 ms'
    order by next_refresh_at limit ${v.most}::int for update skip locked)
  update registry_refreshes planned
  set next_refresh_at = greatest(due.next_refresh_at, now())
    + registries.refresh_interval_minutes * (0.9 + 0.2 * random()) * interval '1 minute'
  from due join registries on registries.id = due.registry_id
  where planned.registry_id = due.registry_id
  returning planned.registry_id, due.next_refresh_at as due_at, now() as claimed_at`,
);

/** Claims connections that fall due within some time, the longest due first. */
export const claimDueRefreshes = (tx: Tx, withinMs: number, most: number): Promise<DueRefresh[]> =>
  claimDue.all(tx, { withinMs, most });

// A run takes what made it due with it; what makes the connection due while it runs asks for another one.
const begin = statement<{ id: string; runId: string; jobId: string | null; leaseMs: number }, { failures: number }>(
  (_, v) => sql<{ failures: number }>`
  update registry_refreshes set next_refresh_at = greatest(next_refresh_at, now() + interval '5 minutes'),
    run_id = ${v.runId}, run_until = now() + ${v.leaseMs}::float8 * interval '1 ms'
  where registry_id = ${v.id} and (run_until is null or run_until <= now())
    and (${v.jobId}::text is null or done_job_id is distinct from ${v.jobId}) returning failures`,
);
const heldUntil = statement<{ id: string }, { run_until: string; done_job_id: string | null }>(
  (_, v) => sql<{ run_until: string; done_job_id: string | null }>`
  select coalesce(run_until, now()) as run_until, done_job_id from registry_refreshes where registry_id = ${v.id}`,
);

/**
 * Makes a run the one that may write about a connection, until its lease ends: gives how often refreshes failed before it,
 * or until when another run has the connection, or that this job was done before; undefined when there is no such
 * connection.
 */
export async function beginRefresh(
  tx: Tx,
  id: string,
  run: { runId: string; jobId: string | null; leaseMs: number },
): Promise<{ failures: number } | { heldUntil: string } | 'done' | undefined> {
  const begun = await begin.first(tx, { id, ...run });
  if (begun) return begun;
  const held = await heldUntil.first(tx, { id });
  if (held && run.jobId !== null && held.done_job_id === run.jobId) return 'done';
  return held && { heldUntil: held.run_until };
}

const renew = statement<{ id: string; runId: string; leaseMs: number }, { registry_id: string }>(
  (_, v) => sql<{ registry_id: string }>`
  update registry_refreshes set run_until = now() + ${v.leaseMs}::float8 * interval '1 ms'
  where registry_id = ${v.id} and run_id = ${v.runId} returning registry_id`,
);

/** Prolongs the lease of a run; false when another run has taken over. */
export const renewRefresh = async (tx: Tx, id: string, runId: string, leaseMs: number): Promise<boolean> =>
  (await renew.first(tx, { id, runId, leaseMs })) !== undefined;

const release = statement<{ id: string; runId: string }, { registry_id: string }>(
  (_, v) => sql<{ registry_id: string }>`
  update registry_refreshes set run_id = null, run_until = null where registry_id = ${v.id} and run_id = ${v.runId}
  returning registry_id`,
);

/** Ends a run that came to no end of its own; false when another run has taken over. */
export const releaseRefresh = async (tx: Tx, id: string, runId: string): Promise<boolean> =>
  (await release.first(tx, { id, runId })) !== undefined;

const interval = statement<{ id: string }, { minutes: number }>(
  (_, { id }) => sql<{ minutes: number }>`
  select refresh_interval_minutes as minutes from registries where id = ${id} for no key update`,
);

/** Interval of a connection in minutes, which nobody changes until the transaction ends; undefined when there is no such one. */
export const lockInterval = async (tx: Tx, id: string): Promise<number | undefined> =>
  (await interval.first(tx, { id }))?.minutes;

export interface RefreshEnd {
  id: string;
  runId: string;
  /** The job that the run is of; null = none. */
  jobId: string | null;
  status: 'ok' | 'partial' | 'failed';
  error: { reason: string; message: string; at: string } | null;
  at: string;
  /** From now on, by the clock of the database, which is the one that tells what is due. */
  nextInMs: number;
  failures: number;
}

type EndValues = Omit<RefreshEnd, 'error'> & { error: string | null };
// The version stays: it counts what users change. `lockInterval` has locked the connection: rows are locked in the order in
// which users' changes lock them.
const end = statement<EndValues, { id: string }>(
  (_, v) => sql<{ id: string }>`
  with ended as (
    update registry_refreshes set run_id = null, run_until = null, failures = ${v.failures}::int,
      done_job_id = coalesce(${v.jobId}, done_job_id),
      next_refresh_at = case when next_refresh_at <= now() + interval '2 seconds' then next_refresh_at
        else now() + ${v.nextInMs}::float8 * interval '1 ms' end
    where registry_id = ${v.id} and run_id = ${v.runId} returning registry_id)
  update registries set last_refresh_at = ${v.at}::timestamptz, last_refresh_status = ${v.status},
    last_refresh_error = ${v.error}::jsonb
  from ended where registries.id = ended.registry_id returning registries.id`,
);

/** Writes how a refresh ended and when the next one is, unless somebody made it due meanwhile; false, and nothing is written, when another run has taken over. */
export const endRefresh = async (tx: Tx, ended: RefreshEnd): Promise<boolean> =>
  (await end.first(tx, { ...ended, error: ended.error && JSON.stringify(ended.error) })) !== undefined;

/** An image that a connection may serve; the choice itself is the domain's. */
export interface ServableImage {
  id: string;
  name: string;
  imageName: string;
  registryConnectionId: string | null;
}

interface Servable {
  environmentId: string;
  registryId: string;
  hosts: string[];
  afterId: string;
  most: number;
}
const servable = statement<Servable, ServableImage>(
  (_, v) => sql<ServableImage>`
  select id, name, image_name as "imageName", registry_connection_id as "registryConnectionId" from (
    select id, name, image_name, registry_connection_id from container_images where registry_connection_id = ${v.registryId}
    union all
    select id, name, image_name, registry_connection_id from container_images
    where environment_id = ${v.environmentId} and host = any(${v.hosts}::text[]) and registry_connection_id is null) servable
  where id > ${v.afterId} order by id limit ${v.most}::int`,
);

/** Images that are linked to a connection, or to none and named under one of its hosts; a page in the order of their ids. */
export const servableImages = (db: Db, page: Servable): Promise<ServableImage[]> => servable.all(db, page);

const servicesOf = statement<{ ids: string[] }, { image_id: string; service_ids: string[] }>(
  (_, v) => sql<{ image_id: string; service_ids: string[] }>`
  select container_image_id as image_id, array_agg(id order by name, id) as service_ids from services
  where container_image_id = any(${v.ids}::uuid[]) group by 1`,
);

/** Ids of the services of some images. */
export async function serviceIdsOfImages(db: Db, ids: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await servicesOf.all(db, { ids: ids as string[] });
  return new Map(rows.map((row) => [row.image_id, row.service_ids]));
}
