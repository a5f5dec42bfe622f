import { type Kysely, type Selectable, sql } from 'kysely';
import type { DB, ImageDigests } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db } from './database';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';

export type ImageDigestRow = Selectable<ImageDigests>;

/** A placement that runs a digest, with its server and its service. */
export interface DeploymentRow {
  id: string;
  server: { id: string; name: string };
  service: { id: string; name: string };
}

type FoundDigest = ImageDigestRow & { environment_id: string; deployments: DeploymentRow[] };

const deployments = sql<DeploymentRow[]>`(
  select coalesce(json_agg(json_build_object('id', placed.id, 'server', json_build_object('id', servers.id, 'name', servers.name),
      'service', json_build_object('id', services.id, 'name', services.name))
    order by placed.created_at, placed.id), '[]')
  from service_deployments placed join services on services.id = placed.service_id join servers on servers.id = placed.server_id
  where placed.image_digest_id = image_digests.id)`;

const byId = statement<{ imageId: string; id: string }, FoundDigest>((db, v) =>
  db
    .selectFrom('image_digests')
    .innerJoin('container_images', 'container_images.id', 'image_digests.container_image_id')
    .selectAll('image_digests')
    .select(['container_images.environment_id', deployments.as('deployments')])
    .where('image_digests.id', '=', v.id)
    .where('image_digests.container_image_id', '=', v.imageId),
);

/** One digest of an image, where that is and what runs it; undefined also for a digest of another image. */
export const findImageDigest = (db: Db, imageId: string, id: string): Promise<FoundDigest | undefined> =>
  byId.first(db, { imageId, id });

const isDeployed = sql<boolean>`exists (select from service_deployments where image_digest_id = image_digests.id)`;

const list: ListSpec<ImageDigestRow, { environmentId: string }> = {
  name: 'imageDigests',
  rows: ((db: Kysely<DB>) => db.selectFrom('image_digests').selectAll('image_digests')) as never,
  countable: (db) => db.selectFrom('image_digests') as never,
  id: sql`image_digests.id`,
  sort: {
    rank: { expression: sql`coalesce(image_digests.rank, -1)`, type: 'number' },
    pushedAt: { expression: sql`coalesce(image_digests.pushed_at, '-infinity'::timestamptz)`, type: 'timestamp' },
    discoveredAt: { expression: sql`image_digests.discovered_at`, type: 'timestamp' },
  },
  filters: {
    containerImageId: (id: string) => sql<boolean>`image_digests.container_image_id = ${id}`,
    tag: (tags: string[]) => sql<boolean>`image_digests.tags && ${tags}::text[]`,
    manifestDigest: (digests: string[]) => sql<boolean>`image_digests.manifest_digest = any(${digests})`,
    deployed: (flag: boolean) => sql<boolean>`${isDeployed} = ${flag}`,
    q: (pattern: string) =>
      sql<boolean>`(image_digests.manifest_digest ilike ${pattern} or exists (select from unnest(image_digests.tags) tag where tag ilike ${pattern}))`,
  },
  parent: { table: 'container_images', filter: 'containerImageId' },
  once: { environmentId: (imageId) => sql<string>`(select environment_id from container_images where id = ${imageId})` },
};

export interface ImageDigestFilters {
  containerImageId: string;
  tag?: string[] | undefined;
  manifestDigest?: string[] | undefined;
  deployed?: boolean | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the digests of one image, and the environment that this is in. */
export const listImageDigests = (db: Db, page: PageRequest, filters: ImageDigestFilters) =>
  listPage(db, list, page, { ...filters });

const carries = statement<{ imageId: string; tag: string }, { known: boolean }>(
  (_, v) =>
    sql<{ known: boolean }>`select exists (
    select from image_digests where container_image_id = ${v.imageId} and ${v.tag} = any(tags)) as known`,
);

/** Whether a known digest of an image carries a tag. */
export async function knowsTag(db: Db, imageId: string, tag: string): Promise<boolean> {
  return (await carries.first(db, { imageId, tag }))?.known === true;
}

const ofTag = statement<{ imageId: string; tag: string }, { manifest_digest: string }>((db, v) =>
  db
    .selectFrom('image_digests')
    .select('manifest_digest')
    .where('container_image_id', '=', v.imageId)
    .where(sql<boolean>`${v.tag} = any(tags)`)
    .orderBy('last_seen_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1),
);

/** The digest that a tag of an image was last seen to name; null while none is known. */
export async function digestOfTag(db: Db, imageId: string, tag: string): Promise<string | null> {
  return (await ofTag.first(db, { imageId, tag }))?.manifest_digest ?? null;
}
