import { sql } from 'kysely';
import { isId } from '../../domain/ids';
import type { Db, Tx } from '../database';
import { statement } from '../statement';

const imageOf = statement<{ digestId: string }, { container_image_id: string }>((db, { digestId }) =>
  db.selectFrom('image_digests').select('container_image_id').where('id', '=', digestId),
);

/** The container image that a digest is of. */
export async function imageOfDigest(db: Db, digestId: string): Promise<string | undefined> {
  return (await imageOf.first(db, { digestId }))?.container_image_id;
}

const copy = statement<{ id: string; digestId: string; imageId: string }, { id: string }>(
  (_, v) => sql<{ id: string }>`
  insert into image_digests as known (id, container_image_id, manifest_digest, media_type, config_digest, platforms, size_bytes,
    pushed_at, built_at, has_facts)
  select ${v.id}, ${v.imageId}, manifest_digest, media_type, config_digest, platforms, size_bytes, pushed_at, built_at, has_facts
  from image_digests where id = ${v.digestId}
  on conflict (container_image_id, manifest_digest) do update set last_seen_at = greatest(known.last_seen_at, now())
  returning id`,
);

/** The digest of one container image as a digest of another; gives its id there. undefined when it is gone. */
export async function copyDigest(tx: Tx, values: { id: string; digestId: string; imageId: string }): Promise<string | undefined> {
  return (await copy.first(tx, values))?.id;
}

/** What a digest is taken for until its manifest is read. */
const unreadMediaType = 'application/vnd.oci.image.manifest.v1+json';

interface NewDigest {
  id: string;
  imageId: string;
  manifestDigest: string;
}
const note = statement<NewDigest, { id: string }>(
  (_, v) => sql<{ id: string }>`
  insert into image_digests as known (id, container_image_id, manifest_digest, media_type)
  values (${v.id}, ${v.imageId}, ${v.manifestDigest}, ${sql.lit(unreadMediaType)})
  on conflict (container_image_id, manifest_digest) do update set last_seen_at = greatest(known.last_seen_at, now())
  returning id`,
);

/** A digest that somebody named, looked up or stored; gives its id. */
export async function noteDigest(tx: Tx, digest: NewDigest): Promise<string> {
  return ((await note.first(tx, digest)) as { id: string }).id;
}

interface PackageFacts {
  environment_id: string;
}
const packageById = statement<{ id: string }, PackageFacts>(
  (_, v) => sql<PackageFacts>`
  select environment_id from packages where id = ${v.id}`,
);

/** The package that droplets are of, or undefined; any text may be asked for. */
export async function findPackageOfDroplets(db: Db, guid: string): Promise<PackageFacts | undefined> {
  return isId(guid) ? packageById.first(db, { id: guid }) : undefined;
}
