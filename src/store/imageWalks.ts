import { sql } from 'kysely';
import type { Db, Tx } from './database';
import { connectionsOf, type EnvironmentConnection } from './registries';
import { statement } from './statement';

/** An image whose turn to be checked by itself has come, and when it came. */
export interface DueCheck {
  id: string;
  due_at: string;
  /** By the same clock. */
  claimed_at: string;
  environment_id: string;
  image_name: string;
  registry_connection_id: string | null;
  /** It was never read, nor was it tried. */
  is_new: boolean;
}

const claimDue = statement<{ withinMs: number; most: number; intervalMinutes: number }, DueCheck>(
  (_, v) => sql<DueCheck>`
  with due as materialized (
    select container_image_id, next_check_at from image_checks
    where next_check_at <= now() + ${v.withinMs}::float8 * interval '1 ms'
    order by next_check_at limit ${v.most}::int for update skip locked)
  update image_checks planned
  set next_check_at = greatest(due.next_check_at, now()) + ${v.intervalMinutes}::float8 * (0.9 + 0.2 * random()) * interval '1 minute'
  from due join container_images image on image.id = due.container_image_id
  where planned.container_image_id = due.container_image_id
  returning image.id, due.next_check_at as due_at, now() as claimed_at, image.environment_id, image.image_name, image.registry_connection_id,
    image.last_checked_at is null and image.last_check_error is null as is_new`,
);

/** Claims images that fall due within some time, the longest due first; their next turn is an interval later. */
export const claimDueChecks = (tx: Tx, withinMs: number, most: number, intervalMinutes: number): Promise<DueCheck[]> =>
  claimDue.all(tx, { withinMs, most, intervalMinutes });

const begin = statement<{ id: string; runId: string; leaseMs: number }, { failures: number }>(
  (_, v) => sql<{ failures: number }>`
  update image_checks set run_id = ${v.runId}, run_until = now() + ${v.leaseMs}::float8 * interval '1 ms'
  where container_image_id = ${v.id} and (run_until is null or run_until <= now()) returning failures`,
);

/** What another walk of the image is about, or how the last one ended. */
export interface WalkState {
  run_id: string | null;
  running: boolean;
  outcome: unknown;
}
const state = statement<{ id: string }, WalkState>(
  (_, v) => sql<WalkState>`
  select run_id, coalesce(run_until > now(), false) as running, outcome from image_checks where container_image_id = ${v.id}`,
);

/** Who walks an image now, and how the last walk ended; undefined when there is no such image. */
export const walkState = (db: Db, id: string): Promise<WalkState | undefined> => state.first(db, { id });

/** Makes a run the one that may write about an image, until its lease ends; undefined when another one is. */
export const beginWalk = (tx: Tx, id: string, runId: string, leaseMs: number): Promise<{ failures: number } | undefined> =>
  begin.first(tx, { id, runId, leaseMs });

const renew = statement<{ id: string; runId: string; leaseMs: number }, { run_id: string }>(
  (_, v) => sql<{ run_id: string }>`
  update image_checks set run_until = now() + ${v.leaseMs}::float8 * interval '1 ms'
  where container_image_id = ${v.id} and run_id = ${v.runId} returning run_id`,
);

/** Prolongs the lease of a walk; false when another one has taken over. */
export const renewWalk = async (tx: Tx, id: string, runId: string, leaseMs: number): Promise<boolean> =>
  (await renew.first(tx, { id, runId, leaseMs })) !== undefined;

const release = statement<{ id: string; runId: string }, never>(
  (_, v) => sql<never>`
  update image_checks set run_id = null, run_until = null where container_image_id = ${v.id} and run_id = ${v.runId}`,
);

/** Ends a walk that came to no end of its own; nothing is known of it afterwards. */
export const releaseWalk = (tx: Tx, id: string, runId: string): Promise<never[]> => release.all(tx, { id, runId });

/** What is known of an image before it is read again. */
export interface ImageToWalk {
  id: string;
  environment_id: string;
  name: string;
  image_name: string;
  tag_filter: string;
  registry_connection_id: string | null;
  version: number;
  connections: EnvironmentConnection[];
  digests: StoredDigest[];
}

/** A stored digest, as far as a walk compares it with what it sees. */
export interface StoredDigest {
  digest: string;
  tags: string[];
  etag: string | null;
  hasFacts: boolean;
  hasPushedAt: boolean;
  /** Whether it was noted as seen less than half a day ago. */
  seenLately: boolean;
}

const toWalk = statement<{ id: string }, ImageToWalk>(
  (_, v) => sql<ImageToWalk>`
  select id, environment_id, name, image_name, tag_filter, registry_connection_id, version,
    ${connectionsOf(sql.ref('container_images.environment_id'))} as connections,
    (select coalesce(json_agg(json_build_object('digest', manifest_digest, 'tags', tags, 'etag', etag, 'hasFacts', has_facts,
      'hasPushedAt', pushed_at is not null, 'seenLately', last_seen_at > now() - interval '12 hours')), '[]')
     from image_digests where container_image_id = container_images.id) as digests
  from container_images where id = ${v.id}`,
);

/** An image with the connections of its environment and all its digests. */
export const findImageToWalk = (db: Db, id: string): Promise<ImageToWalk | undefined> => toWalk.first(db, { id });

/** What must not have changed between reading and writing. */
export interface WalkGuard {
  version: number;
  run_id: string | null;
}
const guard = statement<{ id: string }, WalkGuard>(
  (_, v) => sql<WalkGuard>`
  select container_images.version, image_checks.run_id from container_images
  join image_checks on container_image_id = container_images.id
  where container_images.id = ${v.id} for no key update`,
);

/** Locks an image for the writes of a walk. */
export const lockWalk = (tx: Tx, id: string): Promise<WalkGuard | undefined> => guard.first(tx, { id });

/** How a check went wrong, as clients see it. */
export interface CheckError {
  reason: string;
  message: string;
  at: string;
}

export interface WalkEnd {
  id: string;
  /** ISO time; null = the image was not read, and keeps the time it had. */
  checkedAt: string | null;
  error: CheckError | null;
  /** From now on, by the clock of the database, which is the one that tells what is due. */
  nextInMs: number;
  failures: number;
  outcome: unknown;
}

type EndValues = Omit<WalkEnd, 'error' | 'outcome'> & { error: string | null; outcome: string };
const end = statement<EndValues, never>(
  (_, v) => sql<never>`
  with ended as (
    update image_checks set run_id = null, run_until = null, next_check_at = now() + ${v.nextInMs}::float8 * interval '1 ms',
      failures = ${v.failures}::int, outcome = ${v.outcome}::jsonb
    where container_image_id = ${v.id})
  update container_images set last_checked_at = coalesce(${v.checkedAt}::timestamptz, last_checked_at),
    last_check_error = ${v.error}::jsonb where id = ${v.id}`,
);

/** Writes how a walk ended; its image is locked by `lockWalk`. */
export async function endWalk(tx: Tx, ended: WalkEnd): Promise<void> {
  const error = ended.error && JSON.stringify(ended.error);
  await end.all(tx, { ...ended, error, outcome: JSON.stringify(ended.outcome) });
}

const unread = statement<{ ids: string[]; error: string; againMinutes: number }, never>(
  (_, v) => sql<never>`
  with later as (
    update image_checks set next_check_at = greatest(next_check_at, now() + ${v.againMinutes}::float8 * interval '1 minute')
    where container_image_id = any(${v.ids}::uuid[]))
  update container_images set last_check_error = ${v.error}::jsonb where id = any(${v.ids}::uuid[])`,
);

/** Notes on images that were not read why that is so; what was known of them stays. */
export async function noteUnread(tx: Tx, ids: readonly string[], error: CheckError, againMinutes: number): Promise<void> {
  if (ids.length > 0) await unread.all(tx, { ids: [...ids].sort(), error: JSON.stringify(error), againMinutes });
}
