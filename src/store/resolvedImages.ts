import { sql } from 'kysely';
import type { Db, Tx } from './database';
import { connectionsOf, type EnvironmentConnection } from './registries';
import { statement } from './statement';

/** What decides how an image of an environment is read. */
export interface EnvironmentImages {
  connections: EnvironmentConnection[];
  /** Container images that have one of the names that were asked for. */
  images: { id: string; imageName: string; repository: string; registryConnectionId: string | null }[];
}

const namedImages = statement<{ environmentId: string; names: string[] }, EnvironmentImages>(
  (_, v) => sql<EnvironmentImages>`
  select ${connectionsOf(sql.ref('environments.id'))} as connections,
    (select coalesce(json_agg(json_build_object('id', id, 'imageName', image_name, 'repository', repository,
      'registryConnectionId', registry_connection_id) order by array_position(${v.names}::text[], image_name), repository), '[]')
     from container_images where environment_id = environments.id
       and (image_name = any(${v.names}::text[]) or repository = any(${v.names}::text[]))) as images
  from environments where id = ${v.environmentId}`,
);

/** Connections of an environment, and its container images of some names or normal forms; undefined when it is gone. */
export const findEnvironmentImages = (
  db: Db,
  environmentId: string,
  names: readonly string[],
): Promise<EnvironmentImages | undefined> => namedImages.first(db, { environmentId, names: names as string[] });

interface NewImage {
  id: string;
  environmentId: string;
  repository: string;
  name: string;
  tagFilter: string;
}

const insertImage = statement<NewImage, { id: string }>(
  (_, v) => sql<{ id: string }>`
  insert into container_images (id, environment_id, name, image_name, repository, tag_filter)
  values (${v.id}, ${v.environmentId}, ${v.name}, ${v.repository}, ${v.repository}, ${v.tagFilter})
  on conflict do nothing returning id`,
);
const imageOf = statement<{ environmentId: string; repository: string }, { id: string }>(
  (_, v) => sql<{ id: string }>`
  select id from container_images where environment_id = ${v.environmentId}
    and (repository = ${v.repository} or image_name = ${v.repository}) order by repository = ${v.repository} desc limit 1`,
);

/** The container image of a repository, added where the environment has none; `isNew` says whether this call added it. */
export async function ensureImageRow(tx: Tx, image: NewImage): Promise<{ id: string; isNew: boolean }> {
  const inserted = await insertImage.first(tx, image);
  if (inserted) return { id: inserted.id, isNew: true };
  const present = await imageOf.first(tx, image);
  if (!present) throw new Error(`The container image of ${image.repository} came and went.`);
  return { id: present.id, isNew: false };
}

export interface ResolvedDigest {
  id: string;
  imageId: string;
  digest: string;
  mediaType: string;
  configDigest: string | null;
  platforms: readonly string[];
  sizeBytes: number | null;
  builtAt: string | null;
}

type DigestValues = Omit<ResolvedDigest, 'platforms'> & { platforms: string[] };
// Which tags a digest carries only a walk can say, since it sees all of them.
const saveDigest = statement<DigestValues, { id: string }>(
  (_, v) => sql<{ id: string }>`
  insert into image_digests as known (id, container_image_id, manifest_digest, media_type, config_digest, platforms,
    size_bytes, built_at, has_facts)
  values (${v.id}, ${v.imageId}, ${v.digest}, ${v.mediaType}, ${v.configDigest}, ${v.platforms}::text[],
    ${v.sizeBytes}::bigint, ${v.builtAt}::timestamptz, true)
  on conflict (container_image_id, manifest_digest) do update set
    media_type = excluded.media_type, config_digest = excluded.config_digest, platforms = excluded.platforms,
    size_bytes = coalesce(excluded.size_bytes, known.size_bytes), built_at = coalesce(excluded.built_at, known.built_at),
    has_facts = true, last_seen_at = greatest(known.last_seen_at, now()),
    updated_at = case when known.has_facts then known.updated_at else now() end
  returning id`,
);

/** Adds a digest of an image, or notes that it was seen; its tags stay as they are. Gives its id. */
export async function saveResolvedDigest(tx: Tx, digest: ResolvedDigest): Promise<string> {
  const saved = await saveDigest.first(tx, { ...digest, platforms: digest.platforms as string[] });
  return (saved as { id: string }).id;
}
