import { sql } from 'kysely';
import { defer, type Tx } from './database';
import { jsonTimestamp } from './jsonTimestamp';
import { statement } from './statement';

/** What the standing of an image is computed from, and what was computed last. */
export interface StandingFacts {
  environment_id: string;
  image_name: string;
  tag_filter: string;
  auto_update: boolean;
  last_checked_at: string | null;
  latest_digest_id: string | null;
  latest_tag: string | null;
  current_tag: string | null;
  deployed_digest_id: string | null;
  update_available: boolean;
  digests: StandingDigest[];
  services: StandingService[];
}

export interface StandingDigest {
  id: string;
  manifestDigest: string;
  tags: string[];
  pushedAt: string | null;
  builtAt: string | null;
  discoveredAt: string;
  eligible: boolean;
  rank: number | null;
  bestTag: string | null;
}

export interface StandingService {
  id: string;
  updateAvailable: boolean;
  /** The service's `imageTag`. */
  channel: string;
  pinned: string | null;
  /** Digest of each placement, the oldest first. */
  placements: (string | null)[];
}

const facts = statement<{ id: string }, StandingFacts>(
  (_, v) => sql<StandingFacts>`
  select environment_id, image_name, tag_filter, auto_update, last_checked_at, latest_digest_id, latest_tag, current_tag, deployed_digest_id,
    update_available,
    (select coalesce(json_agg(json_build_object('id', id, 'manifestDigest', manifest_digest, 'tags', tags,
      'pushedAt', ${jsonTimestamp('pushed_at')}, 'builtAt', ${jsonTimestamp('built_at')}, 'discoveredAt', ${jsonTimestamp('discovered_at')},
      'eligible', eligible, 'rank', rank, 'bestTag', best_tag)), '[]')
     from image_digests where container_image_id = container_images.id) as digests,
    (select coalesce(json_agg(json_build_object('id', services.id, 'updateAvailable', update_available,
      'channel', image_tag, 'pinned', (select image_digest_id from droplets where droplets.id = current_droplet_id),
      'placements', (select coalesce(json_agg(image_digest_id order by created_at, id), '[]')
        from service_deployments where service_id = services.id))), '[]')
     from services where container_image_id = container_images.id) as services
  from container_images where id = ${v.id}`,
);

const lock = statement<{ id: string }, never>(
  (_, v) => sql<never>`select from container_images where id = ${v.id} for no key update`,
);

/**
 * Locks an image, and gives what its standing follows from; undefined when there is none. The lock is a statement of its
 * own: one that waits for it would read the digests as they were before it waited.
 */
export function lockStanding(tx: Tx, id: string): Promise<StandingFacts | undefined> {
  defer(tx, lock.all(tx, { id }));
  return facts.first(tx, { id });
}

/** What changes; digests and services only as far as they do. */
export interface StandingChange {
  latestDigestId: string | null;
  latestTag: string | null;
  currentTag: string | null;
  deployedDigestId: string | null;
  updateAvailable: boolean;
  digests: { id: string; eligible: boolean; rank: number | null; bestTag: string | null }[];
  services: { id: string; updateAvailable: boolean }[];
}

type ChangeValues = Omit<StandingChange, 'digests' | 'services'> & { id: string; digests: string; services: string };
// Versions and times of change stay: all of this is computed, and those count what users do.
const save = statement<ChangeValues, never>(
  (_, v) => sql<never>`
  with digests as (
    update image_digests set eligible = d.eligible, rank = d.rank, best_tag = d."bestTag"
    from json_to_recordset(${v.digests}::json) d(id uuid, eligible boolean, rank int, "bestTag" text)
    where image_digests.id = d.id and container_image_id = ${v.id}),
  services as (
    update services set update_available = s."updateAvailable"
    from json_to_recordset(${v.services}::json) s(id uuid, "updateAvailable" boolean)
    where services.id = s.id and container_image_id = ${v.id})
  update container_images set latest_digest_id = ${v.latestDigestId}::uuid, latest_tag = ${v.latestTag},
    current_tag = ${v.currentTag}, deployed_digest_id = ${v.deployedDigestId}::uuid,
    update_available = ${v.updateAvailable}::boolean
  where id = ${v.id}`,
);

/** Saves what changed about the standing of a locked image. */
export async function saveStanding(tx: Tx, id: string, change: StandingChange): Promise<void> {
  await save.all(tx, {
    ...change,
    id,
    digests: JSON.stringify(change.digests),
    services: JSON.stringify(change.services),
  });
}
