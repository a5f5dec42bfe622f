import { type QueryCreator, sql } from 'kysely';
import type { DB } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db } from './database';
import { countedRows, type ListSpec, listPage } from './list';

/** A service that an image could be linked to, and the image that it uses now. */
export interface LinkableServiceRow {
  id: string;
  name: string;
  image_tag: string;
  container_image_id: string | null;
  container_image_name: string | null;
  container_image_image_name: string | null;
}

const environmentOf = (imageId: string) => sql<string>`(select environment_id from container_images where id = ${imageId})`;

const linkable: ListSpec<LinkableServiceRow, { environmentId: string }> = {
  name: 'linkableServices',
  rows: ((db: QueryCreator<DB>) =>
    db
      .selectFrom('services')
      .leftJoin('container_images', 'container_images.id', 'services.container_image_id')
      .select(['services.id', 'services.name', 'services.image_tag', 'services.container_image_id'])
      .select([
        'container_images.name as container_image_name',
        'container_images.image_name as container_image_image_name',
      ])) as never,
  countable: (db) => db.selectFrom('services') as never,
  id: sql`services.id`,
  sort: {
    name: { expression: sql`services.name`, type: 'text' },
    createdAt: { expression: sql`services.created_at`, type: 'timestamp' },
  },
  filters: {
    imageId: (id: string) => sql<boolean>`services.environment_id = ${environmentOf(id)}
      and services.container_image_id is distinct from ${id}`,
    q: (pattern: string) => sql<boolean>`services.name ilike ${pattern}`,
  },
  parent: { table: 'container_images', filter: 'imageId' },
  counted: (imageId) => sql<number>`(${countedRows('services', environmentOf(imageId))}
    - (select count(*) from services where container_image_id = ${imageId}))`,
  once: { environmentId: environmentOf },
};

/** A page of the services of an image's environment that do not use it, and the id of that environment. */
export const listLinkableServices = (db: Db, page: PageRequest, filters: { imageId: string; q?: string | undefined }) =>
  listPage(db, linkable, page, { ...filters });
