import { sql } from 'kysely';
import type { Db, Tx } from '../database';
import { statement } from '../statement';

/** A build that runs, with what it is made from. */
export interface Staging {
  id: string;
  environment_id: string;
  service_id: string;
  package_id: string;
  /** null = the package is gone. */
  image: string | null;
  username: string | null;
  password_sealed: string | null;
  elapsed_ms: number;
}

const running = statement<{ id: string }, Staging>(
  (_, v) => sql<Staging>`
  select builds.id, builds.environment_id, builds.service_id, builds.package_id, packages.image, packages.username,
    packages.password_sealed, greatest(0, extract(epoch from now() - builds.created_at) * 1000)::float8 as elapsed_ms
  from builds left join packages on packages.id = builds.package_id
  where builds.id = ${v.id} and builds.state = 'STAGING'`,
);

/** A build that has not ended; undefined for one that has, or is gone. */
export const findStaging = (db: Db, id: string): Promise<Staging | undefined> => running.first(db, { id });

/** A locked build that has not ended. */
export interface RunningBuild {
  id: string;
  droplet_id: string | null;
  created_by_type: string;
  created_by_id: string | null;
  created_by_name: string;
  created_by_email: string;
}
const lockRunning = statement<{ id: string }, RunningBuild>(
  (_, v) => sql<RunningBuild>`
  select id, droplet_id, created_by_type, created_by_id, created_by_name, created_by_email
  from builds where id = ${v.id} and state = 'STAGING' for update`,
);

/** Locks a build that has not ended; undefined when somebody else ended it. */
export const lockRunningBuild = (tx: Tx, id: string): Promise<RunningBuild | undefined> => lockRunning.first(tx, { id });

const second = sql`date_trunc('second', now())`;

interface StagedDroplet {
  id: string;
  image: string;
  imageDigestId: string;
  executionMetadata: string;
  /** JSON of a map. */
  processTypes: string;
}
const fill = statement<StagedDroplet, { id: string }>(
  (_, v) => sql<{ id: string }>`
  update droplets set state = 'STAGED', image = ${v.image}, image_digest_id = ${v.imageDigestId}::uuid,
    execution_metadata = ${v.executionMetadata}, process_types = ${v.processTypes}::jsonb, manifest_checked_at = now(),
    updated_at = ${second}, needs_credentials = exists (
      select from packages where packages.id = package_id and username is not null and password_sealed is not null)
  where id = ${v.id} and state = 'STAGING' returning id`,
);

/** Fills a droplet that is being staged; false when there is no such one. */
export const fillDroplet = async (tx: Tx, droplet: StagedDroplet): Promise<boolean> =>
  (await fill.first(tx, droplet)) !== undefined;

const failDroplet = statement<{ id: string; error: string }, never>(
  (_, v) => sql<never>`
  update droplets set state = 'FAILED', error = ${v.error}, updated_at = ${second} where id = ${v.id} and state = 'STAGING'`,
);

/** Notes why a droplet that was being staged came to nothing. */
export async function failStagingDroplet(tx: Tx, id: string, error: string): Promise<void> {
  await failDroplet.all(tx, { id, error });
}

const end = statement<{ id: string; state: string; error: string | null }, never>(
  (_, v) => sql<never>`
  update builds set state = ${v.state}, error = ${v.error}, updated_at = ${second} where id = ${v.id}`,
);

/** Ends a locked build. */
export async function endBuild(tx: Tx, id: string, state: 'STAGED' | 'FAILED', error: string | null): Promise<void> {
  await end.all(tx, { id, state, error });
}

const lost = statement<{ minutes: number; most: number }, { id: string }>(
  (_, v) => sql<{ id: string }>`
  select id from builds where state = 'STAGING' and created_at < now() - make_interval(mins => ${v.minutes}::int)
  order by seq limit ${v.most}::int`,
);

/** Ids of builds that nobody ended for too long, the oldest first. */
export const lostBuilds = async (db: Db, minutes: number, most: number): Promise<string[]> =>
  (await lost.all(db, { minutes, most })).map(({ id }) => id);

const failLost = statement<{ minutes: number; error: string }, { id: string }>(
  (_, v) => sql<{ id: string }>`
  update droplets set state = 'FAILED', error = ${v.error}, updated_at = ${second}
  where state = 'STAGING' and created_at < now() - make_interval(mins => ${v.minutes}::int)
    and not exists (select from builds where droplet_id = droplets.id and state = 'STAGING') returning id`,
);

/** Fails droplets that no build fills any more. Gives how many. */
export const failLostDroplets = async (tx: Tx, minutes: number, error: string): Promise<number> =>
  (await failLost.all(tx, { minutes, error })).length;
