import { sql } from 'kysely';
import type { Tx } from './database';
import { statement } from './statement';

/** A digest of an image as a walk leaves it. Members that are null are not known to the walk; what is stored stays. */
export interface Sighting {
  /** For a digest that is new. */
  id: string;
  digest: string;
  mediaType: string;
  tags: string[];
  etag: string | null;
  pushedAt: string | null;
  /** Whether it was seen now; false for one that only lost tags. */
  seen: boolean;
  facts: { configDigest: string | null; platforms: string[]; sizeBytes: number | null; builtAt: string | null } | null;
}

const save = statement<{ imageId: string; sightings: string }, { inserted: boolean }>(
  (_, v) => sql<{ inserted: boolean }>`
  insert into image_digests as known (id, container_image_id, manifest_digest, media_type, tags, etag, config_digest,
    platforms, size_bytes, pushed_at, built_at, has_facts, last_seen_at)
  select (s->>'id')::uuid, ${v.imageId}::uuid, s->>'digest', s->>'mediaType',
    array(select jsonb_array_elements_text(s->'tags')), s->>'etag', s->'facts'->>'configDigest',
    array(select jsonb_array_elements_text(case when s->'facts' = 'null' then '[]' else s->'facts'->'platforms' end)),
    (s->'facts'->>'sizeBytes')::bigint, (s->>'pushedAt')::timestamptz, (s->'facts'->>'builtAt')::timestamptz,
    s->'facts' <> 'null', case when (s->>'seen')::boolean then now() else '-infinity' end
  from jsonb_array_elements(${v.sightings}::jsonb) s
  on conflict (container_image_id, manifest_digest) do update set
    tags = excluded.tags,
    etag = coalesce(excluded.etag, known.etag),
    media_type = case when excluded.has_facts then excluded.media_type else known.media_type end,
    config_digest = coalesce(excluded.config_digest, known.config_digest),
    platforms = case when excluded.has_facts then excluded.platforms else known.platforms end,
    size_bytes = coalesce(excluded.size_bytes, known.size_bytes),
    pushed_at = coalesce(known.pushed_at, excluded.pushed_at),
    built_at = coalesce(excluded.built_at, known.built_at),
    has_facts = known.has_facts or excluded.has_facts,
    last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at),
    updated_at = case when known.tags = excluded.tags and not excluded.has_facts then known.updated_at else now() end
  returning xmax = 0 as inserted`,
);

/** Adds and updates digests of a locked image in one statement; gives how many are new. */
export async function saveSightings(tx: Tx, imageId: string, sightings: readonly Sighting[]): Promise<number> {
  if (sightings.length === 0) return 0;
  const rows = await save.all(tx, { imageId, sightings: JSON.stringify(sightings) });
  return rows.filter((row) => row.inserted).length;
}

// Locked as they are chosen: one that a walk writes at this moment, or that a deploy begins to use, is left to the next sweep.
const sweep = statement<{ days: number; most: number }, { id: string }>(
  (_, v) => sql<{ id: string }>`
  delete from image_digests where id = any(array(
    select old.id from image_digests old join container_images image on image.id = old.container_image_id
    where old.last_seen_at < now() - make_interval(days => ${v.days}::int) and old.tags = '{}'
      and image.latest_digest_id is distinct from old.id and image.deployed_digest_id is distinct from old.id
      and not exists (select from droplets where image_digest_id = old.id)
      and not exists (select from service_deployments where image_digest_id = old.id)
    limit ${v.most}::int for update of old skip locked)) returning id`,
);

/**
 * Deletes digests that carry no tag, are not the newest, neither run nor are pinned, and were last seen long ago. Gives how
 * many; what is beyond `most` waits for the next sweep.
 */
export const sweepDigests = async (tx: Tx, days: number, most: number): Promise<number> =>
  (await sweep.all(tx, { days, most })).length;
