import { type QueryCreator, type Selectable, sql } from 'kysely';
import type { ContainerImages, DB } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { type ListSpec, listPage } from './list';
import { connectionsOf, type EnvironmentConnection } from './registries';
import { statement } from './statement';

/** Columns of the digest that `latest_digest_id` names; all null without one. */
interface LatestDigest {
  latest_manifest_digest: string | null;
  latest_digest_tags: string[] | null;
  latest_best_tag: string | null;
  latest_pushed_at: string | null;
  latest_discovered_at: string | null;
}

/** A container image with its newest digest. */
export type ImageFacts = Selectable<ContainerImages> & LatestDigest;

/** A container image with its newest digest and the services that use it: the first 50 by name, and how many there are. */
export type ContainerImageRow = ImageFacts & {
  services: { id: string; name: string; imageTag: string }[];
  service_count: number;
};

type WithConnections<Row> = Row & { connections: EnvironmentConnection[] };

const columns = {
  id: true,
  environment_id: true,
  name: true,
  image_name: true,
  repository: true,
  host: true,
  tag_filter: true,
  registry_connection_id: true,
  auto_update: true,
  current_tag: true,
  latest_tag: true,
  latest_digest_id: true,
  deployed_digest_id: true,
  update_available: true,
  last_checked_at: true,
  last_check_error: true,
  last_deployed_at: true,
  version: true,
  created_at: true,
  updated_at: true,
} as const satisfies Record<keyof ContainerImages, true>;

const factColumns: [name: keyof ImageFacts, source: string][] = [
  ...(Object.keys(columns) as (keyof ContainerImages)[]).map((name): [keyof ImageFacts, string] => [
    name,
    `container_images.${name}`,
  ]),
  ['latest_manifest_digest', 'latest.manifest_digest'],
  ['latest_digest_tags', 'latest.tags'],
  ['latest_best_tag', 'latest.best_tag'],
  ['latest_pushed_at', 'latest.pushed_at'],
  ['latest_discovered_at', 'latest.discovered_at'],
];

/** The facts as columns of another table's read, which joins `container_images` and, as `latest`, its newest digest. */
export const nestedImageColumns = factColumns.map(([name, source]) => sql.ref(source).as(`image_${name}`));

/** What `nestedImageColumns` gave in a row; null when no image was joined. */
export function nestedImage(row: Record<string, unknown>): ImageFacts | null {
  if (row.image_id === null) return null;
  return Object.fromEntries(factColumns.map(([name]) => [name, row[`image_${name}`]])) as unknown as ImageFacts;
}

const services = sql`(
  select coalesce(json_agg(json_build_object('id', id, 'name', name, 'imageTag', image_tag) order by name, id), '[]')
  from (select id, name, image_tag from services where container_image_id = container_images.id order by name, id limit 50) listed)`;
const serviceCount = sql<number>`(select count(*) from services where container_image_id = container_images.id)`;
const ownConnections = connectionsOf(sql.ref('container_images.environment_id'));

const images = (db: QueryCreator<DB>) =>
  db
    .selectFrom('container_images')
    .leftJoin('image_digests as latest', 'latest.id', 'container_images.latest_digest_id')
    .select(factColumns.map(([name, source]) => sql.ref(source).as(name)))
    .select([services.as('services'), serviceCount.as('service_count')]);
const withConnections = (db: QueryCreator<DB>) => images(db).select(ownConnections.as('connections'));

const byId = statement<{ id: string }, WithConnections<ContainerImageRow>>(
  (db, { id }) => withConnections(db).where('container_images.id', '=', id) as never,
);
const byIdLocked = statement<{ id: string }, WithConnections<ContainerImageRow>>(
  (db, { id }) => withConnections(db).where('container_images.id', '=', id).forUpdate('container_images') as never,
);

/** One image with the connections of its environment, or undefined. */
export const findContainerImage = (db: Db, id: string): Promise<WithConnections<ContainerImageRow> | undefined> =>
  byId.first(db, { id });

/** One image, locked until the transaction ends. */
export const lockContainerImage = (tx: Tx, id: string): Promise<WithConnections<ContainerImageRow> | undefined> =>
  byIdLocked.first(tx, { id });

const environment = statement<{ id: string }, { environment_id: string }>((db, { id }) =>
  db.selectFrom('container_images').select('environment_id').where('id', '=', id),
);

/** Where an image is; undefined when it is nowhere. */
export const environmentOfImage = (db: Db, id: string): Promise<{ environment_id: string } | undefined> =>
  environment.first(db, { id });

const list: ListSpec<ContainerImageRow, { connections: EnvironmentConnection[] }> = {
  name: 'containerImages',
  rows: images as never,
  countable: (db) => db.selectFrom('container_images') as never,
  id: sql`container_images.id`,
  sort: {
    name: { expression: sql`container_images.name`, type: 'text' },
    imageName: { expression: sql`container_images.image_name`, type: 'text' },
    lastCheckedAt: {
      expression: sql`coalesce(container_images.last_checked_at, '-infinity'::timestamptz)`,
      type: 'timestamp',
    },
    createdAt: { expression: sql`container_images.created_at`, type: 'timestamp' },
  },
  filters: {
    environmentId: (id: string) => sql<boolean>`container_images.environment_id = ${id}`,
    name: (names: string[]) => sql<boolean>`container_images.name = any(${names})`,
    imageName: (names: string[]) => sql<boolean>`container_images.image_name = any(${names})`,
    registryConnectionId: (ids: string[]) => sql<boolean>`container_images.registry_connection_id = any(${ids})`,
    autoUpdate: (flag: boolean) => sql<boolean>`container_images.auto_update = ${flag}`,
    updateAvailable: (flag: boolean) => sql<boolean>`container_images.update_available = ${flag}`,
    q: (pattern: string) =>
      sql<boolean>`(container_images.name ilike ${pattern} or container_images.image_name ilike ${pattern})`,
  },
  parent: { table: 'environments', filter: 'environmentId' },
  counted: 'container_images',
  once: { connections: connectionsOf },
};

export interface ContainerImageFilters {
  environmentId: string;
  name?: string[] | undefined;
  imageName?: string[] | undefined;
  registryConnectionId?: string[] | undefined;
  autoUpdate?: boolean | undefined;
  updateAvailable?: boolean | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the images of one environment, and that environment's connections. */
export const listContainerImages = (db: Db, page: PageRequest, filters: ContainerImageFilters) =>
  listPage(db, list, page, { ...filters });

/** What a user sets, and the normal form that follows from it. */
export interface ContainerImageValues {
  name: string;
  tag_filter: string;
  registry_connection_id: string | null;
  auto_update: boolean;
  repository: string;
}

type NewImage = ContainerImageValues & { id: string; environment_id: string; image_name: string };

// The statement's own name for what it wrote is that of the table, so that the read after it stays the same.
const insert = statement<NewImage, WithConnections<ContainerImageRow>>(
  (db, v) =>
    withConnections(
      db.with('container_images', (cte) =>
        cte
          .insertInto('container_images')
          .values({
            id: v.id,
            environment_id: v.environment_id,
            name: v.name,
            image_name: v.image_name,
            repository: v.repository,
            tag_filter: v.tag_filter,
            registry_connection_id: v.registry_connection_id,
            auto_update: v.auto_update,
          })
          .returningAll(),
      ) as never,
    ) as never,
);

/** Adds an image; gives it as it is read. */
export async function insertContainerImage(tx: Tx, values: NewImage): Promise<WithConnections<ContainerImageRow>> {
  return (await insert.first(tx, values)) as WithConnections<ContainerImageRow>;
}

const update = statement<ContainerImageValues & { id: string }, WithConnections<ContainerImageRow>>(
  (db, v) =>
    withConnections(
      db.with('container_images', (cte) =>
        cte
          .updateTable('container_images')
          .set({
            name: v.name,
            tag_filter: v.tag_filter,
            registry_connection_id: v.registry_connection_id,
            auto_update: v.auto_update,
            repository: v.repository,
            version: sql`version + 1`,
            updated_at: sql`now()`,
          })
          .where('id', '=', v.id)
          .returningAll(),
      ) as never,
    ) as never,
);

/** Replaces what a user sets on a locked image, and counts the version up. */
export async function updateContainerImageRow(
  tx: Tx,
  values: ContainerImageValues & { id: string },
): Promise<WithConnections<ContainerImageRow>> {
  return (await update.first(tx, values)) as WithConnections<ContainerImageRow>;
}

interface Followed {
  id: string;
  image_name: string;
  repository: string;
}
const followed = statement<{ environmentId: string; imageName: string; repository: string }, Followed>((db, v) =>
  db
    .selectFrom('container_images')
    .select(['id', 'image_name', 'repository'])
    .where('environment_id', '=', v.environmentId)
    .where((or) => or.or([or('image_name', '=', v.imageName), or('repository', '=', v.repository)])),
);

/** Images of an environment that have a name as text or in normal form: at most two. */
export const imagesFollowing = (db: Db, environmentId: string, imageName: string, repository: string): Promise<Followed[]> =>
  followed.all(db, { environmentId, imageName, repository });

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('container_images').where('id', '=', id) as never);

/** Deletes a locked image; its digests go with it. */
export const deleteContainerImageRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });
