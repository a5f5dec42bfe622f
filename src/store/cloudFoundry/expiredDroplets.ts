import { sql } from 'kysely';
import type { Db, Tx } from '../database';
import { statement } from '../statement';

/** What runs, or is on its way to, stays: the current droplet, and whatever a deployment works towards. */
const isFree = sql<boolean>`not exists (select from services where current_droplet_id = droplets.id)
  and not exists (select from operations where resource_id = droplets.service_id and state in ('queued', 'running')
    and kind like 'deploy.%' and coalesce(parameters->>'dropletId', droplets.id::text) = droplets.id::text)`;

const expired = sql`state = 'EXPIRED', expired_at = now(), updated_at = date_trunc('second', now())`;

const expireOldest = statement<{ appId: string; keep: number }, { id: string }>(
  (_, v) => sql<{ id: string }>`
  update droplets set ${expired} where id = any(array(
    select id from droplets where service_id = ${v.appId} and state in ('STAGED', 'FAILED') and ${isFree}
    order by seq limit greatest(0, (
      select count(*) from droplets where service_id = ${v.appId} and state in ('STAGED', 'FAILED')) - ${v.keep}::int)))
  returning id`,
);

/** Expires the oldest droplets of a locked app, so that no more are kept than `keep`. Gives how many. */
export const expireBeyond = async (tx: Tx, appId: string, keep: number): Promise<number> =>
  (await expireOldest.all(tx, { appId, keep })).length;

const drop = statement<{ days: number; most: number }, { id: string }>(
  (_, v) => sql<{ id: string }>`
  delete from droplets where id = any(array(
    select id from droplets where state = 'EXPIRED' and expired_at < now() - make_interval(days => ${v.days}::int) and ${isFree}
    order by expired_at limit ${v.most}::int for update skip locked)) returning id`,
);

/** Deletes droplets that expired long ago; what is beyond `most` waits. Gives how many. */
export const dropExpiredDroplets = async (tx: Tx, days: number, most: number): Promise<number> =>
  (await drop.all(tx, { days, most })).length;

/** A digest that staged droplets are pinned to, and how it is read. */
export interface PinnedDigest {
  digest_id: string;
  manifest_digest: string;
  repository: string;
  environment_id: string;
  /** Of a package with credentials of its own that one of the droplets was built from. */
  package_id: string | null;
  username: string | null;
  password_sealed: string | null;
}
const due = statement<{ hours: number; most: number }, PinnedDigest>(
  (_, v) => sql<PinnedDigest>`
  select distinct on (pinned.image_digest_id) pinned.image_digest_id as digest_id, image_digests.manifest_digest,
    container_images.repository, container_images.environment_id, packages.id as package_id, packages.username,
    packages.password_sealed
  from (
    select image_digest_id, package_id from droplets
    where state = 'STAGED' and image_digest_id is not null
      and coalesce(manifest_checked_at, '-infinity') < now() - make_interval(hours => ${v.hours}::int)
    order by coalesce(manifest_checked_at, '-infinity') limit ${v.most}::int) pinned
  join image_digests on image_digests.id = pinned.image_digest_id
  join container_images on container_images.id = image_digests.container_image_id
  left join packages on packages.id = pinned.package_id and packages.username is not null and packages.password_sealed is not null
  order by pinned.image_digest_id, packages.seq desc nulls last`,
);

/** Digests of staged droplets that nobody looked for in their registry lately; those of the longest unseen first. */
export const digestsToLookFor = (db: Db, hours: number, most: number): Promise<PinnedDigest[]> => due.all(db, { hours, most });

const note = statement<{ digestId: string; isThere: boolean }, never>(
  (_, v) => sql<never>`
  update droplets set manifest_checked_at = now(),
    manifest_lost_at = case when ${v.isThere}::boolean then null else manifest_lost_at end
  where image_digest_id = ${v.digestId} and state = 'STAGED'`,
);

/** Notes that a digest was looked for; where it was found, nothing is lost any more. */
export async function noteLookedFor(tx: Tx, digestId: string, isThere: boolean): Promise<void> {
  await note.all(tx, { digestId, isThere });
}

const lockApps = statement<{ digestId: string }, never>(
  (_, v) => sql<never>`
  select from services where id in (select service_id from droplets where image_digest_id = ${v.digestId} and state = 'STAGED')
  order by id for no key update`,
);
const expireLost = statement<{ digestId: string }, { id: string }>(
  (_, v) => sql<{ id: string }>`
  update droplets set ${expired}, manifest_lost_at = now()
  where image_digest_id = ${v.digestId} and state = 'STAGED' and ${isFree} returning id`,
);

/** A droplet that stays although its manifest is lost. */
export interface LostDroplet {
  id: string;
  service_id: string;
  environment_id: string;
  app_name: string;
  image: string | null;
}
const keepLost = statement<{ digestId: string }, LostDroplet>(
  (_, v) => sql<LostDroplet>`
  update droplets set manifest_lost_at = now() from services
  where image_digest_id = ${v.digestId} and droplets.state = 'STAGED' and manifest_lost_at is null and services.id = service_id
  returning droplets.id, service_id, droplets.environment_id, services.name as app_name, image`,
);

/**
 * Expires the droplets of a digest that its registry has lost. Those that have to stay are given, each once while it is
 * lost. Their apps are locked, so that none becomes current meanwhile.
 */
export async function expireDropletsOf(tx: Tx, digestId: string): Promise<{ expired: number; kept: LostDroplet[] }> {
  await lockApps.all(tx, { digestId });
  const gone = await expireLost.all(tx, { digestId });
  return { expired: gone.length, kept: await keepLost.all(tx, { digestId }) };
}
