import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import type { DB, Registries } from '../../generated/database';
import type { ObjectReference } from '../domain/errors';
import type { PageRequest } from '../domain/lists/cursor';
import type { LinkableConnection } from '../domain/registries/connectionFor';
import type { Db, Tx } from './database';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';

/** A registry connection with the number of images that are linked to it. */
export type RegistryRow = Selectable<Registries> & { image_count: number };

const imageCount = sql<number>`(select count(*) from container_images where registry_connection_id = registries.id)`;
const withCount = (db: Kysely<DB>) => db.selectFrom('registries').selectAll('registries').select(imageCount.as('image_count'));

/** A connection, as far as it matters to the images of its environment. */
export interface EnvironmentConnection extends LinkableConnection {
  username: string | null;
}

/** All connections of an environment as one value, for reads that bring them along. */
export const connectionsOf = (environmentId: RawBuilder<string> | string): RawBuilder<EnvironmentConnection[]> => sql`(
  select coalesce(json_agg(json_build_object('id', id, 'name', name, 'type', type, 'registryUrl', registry_url,
    'repositoryPrefix', repository_prefix, 'username', username, 'isDefault', is_default,
    'autoLinkPattern', auto_link_pattern)), '[]')
  from registries where environment_id = ${environmentId})`;

const ofEnvironment = statement<{ id: string }, { connections: EnvironmentConnection[] }>((db, { id }) =>
  db.selectFrom('environments').select(connectionsOf(id).as('connections')).where('id', '=', id),
);

/** All connections of an environment; undefined when there is no such environment. */
export async function connectionsOfEnvironment(db: Db, id: string): Promise<EnvironmentConnection[] | undefined> {
  return (await ofEnvironment.first(db, { id }))?.connections;
}

const byId = statement<{ id: string }, RegistryRow>((db, { id }) => withCount(db).where('registries.id', '=', id));
const byIdLocked = statement<{ id: string }, RegistryRow>((db, { id }) =>
  withCount(db).where('registries.id', '=', id).forUpdate('registries'),
);

/** One connection, or undefined. */
export const findRegistry = (db: Db, id: string): Promise<RegistryRow | undefined> => byId.first(db, { id });

/** Whether a connection logs in; none does not. */
export async function hasCredentials(db: Db, id: string | null): Promise<boolean> {
  const row = id === null ? undefined : await findRegistry(db, id);
  return row !== undefined && (row.password_sealed !== null || row.token_sealed !== null);
}

/** One connection, locked until the transaction ends. */
export const lockRegistry = (tx: Tx, id: string): Promise<RegistryRow | undefined> => byIdLocked.first(tx, { id });

const list: ListSpec<RegistryRow> = {
  name: 'registries',
  rows: withCount as never,
  countable: (db) => db.selectFrom('registries') as never,
  id: sql`registries.id`,
  sort: {
    isDefault: { expression: sql`registries.is_default`, type: 'boolean' },
    name: { expression: sql`registries.name`, type: 'text' },
    createdAt: { expression: sql`registries.created_at`, type: 'timestamp' },
    type: { expression: sql`registries.type`, type: 'text' },
  },
  filters: {
    environmentId: (id: string) => sql<boolean>`registries.environment_id = ${id}`,
    name: (names: string[]) => sql<boolean>`registries.name = any(${names})`,
    type: (types: string[]) => sql<boolean>`registries.type = any(${types})`,
    isDefault: (flag: boolean) => sql<boolean>`registries.is_default = ${flag}`,
    q: (pattern: string) => sql<boolean>`registries.name ilike ${pattern}`,
  },
  parent: { table: 'environments', filter: 'environmentId' },
  counted: 'registries',
};

export interface RegistryFilters {
  environmentId: string;
  name?: string[] | undefined;
  type?: string[] | undefined;
  isDefault?: boolean | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the connections of one environment. */
export const listRegistries = (db: Db, page: PageRequest, filters: RegistryFilters) => listPage(db, list, page, { ...filters });

/** A service with the image that it takes through a connection. */
export interface RegistryServiceRow {
  id: string;
  name: string;
  image_tag: string;
  image_id: string;
  image_display_name: string;
  image_name: string;
  tag_filter: string;
  auto_update: boolean;
  image_update_available: boolean;
  last_checked_at: string | null;
  /** Its placements, oldest first. */
  deployments: { id: string; server: { id: string; name: string } }[];
}

const deployments = sql<RegistryServiceRow['deployments']>`(
  select coalesce(json_agg(json_build_object('id', placed.id, 'server', json_build_object('id', servers.id, 'name', servers.name))
    order by placed.created_at, placed.id), '[]')
  from service_deployments placed join servers on servers.id = placed.server_id where placed.service_id = services.id)`;

const linkedServices = (db: Kysely<DB>) =>
  db.selectFrom('services').innerJoin('container_images', 'container_images.id', 'services.container_image_id');

const serviceList: ListSpec<RegistryServiceRow> = {
  name: 'registry_services',
  rows: ((db: Kysely<DB>) =>
    linkedServices(db).select([
      'services.id',
      'services.name',
      'services.image_tag',
      'container_images.id as image_id',
      'container_images.name as image_display_name',
      'container_images.image_name',
      'container_images.tag_filter',
      'container_images.auto_update',
      'container_images.update_available as image_update_available',
      'container_images.last_checked_at',
      deployments.as('deployments'),
    ])) as never,
  countable: linkedServices as never,
  id: sql`services.id`,
  sort: {
    name: { expression: sql`services.name`, type: 'text' },
    createdAt: { expression: sql`services.created_at`, type: 'timestamp' },
  },
  filters: {
    registryId: (id: string) => sql<boolean>`container_images.registry_connection_id = ${id}`,
    q: (pattern: string) => sql<boolean>`(services.name ilike ${pattern} or container_images.image_name ilike ${pattern})`,
  },
};

/** A page of the services whose image is linked to a connection explicitly. */
export const listRegistryServices = (db: Db, page: PageRequest, filters: { registryId: string; q?: string | undefined }) =>
  listPage(db, serviceList, page, { ...filters });

/** What a user sets; sealed values are records of `sealing.ts`. */
export interface RegistryValues {
  name: string;
  type: string;
  registry_url: string;
  repository_prefix: string | null;
  username: string | null;
  token_sealed: string | null;
  password_sealed: string | null;
  is_default: boolean;
  refresh_interval_minutes: number;
  auto_link_pattern: string | null;
}

const insert = statement<RegistryValues & { id: string; environment_id: string }, RegistryRow>((db, v) =>
  db
    .insertInto('registries')
    .values({
      id: v.id,
      environment_id: v.environment_id,
      name: v.name,
      type: v.type,
      registry_url: v.registry_url,
      repository_prefix: v.repository_prefix,
      username: v.username,
      token_sealed: v.token_sealed,
      password_sealed: v.password_sealed,
      is_default: v.is_default,
      refresh_interval_minutes: v.refresh_interval_minutes,
      auto_link_pattern: v.auto_link_pattern,
    })
    .returningAll()
    .returning(sql<number>`0::bigint`.as('image_count')),
);

/** Adds a connection; gives the row as stored. */
export async function insertRegistry(
  tx: Tx,
  values: RegistryValues & { id: string; environment_id: string },
): Promise<RegistryRow> {
  return (await insert.first(tx, values)) as RegistryRow;
}

// Changes that follow each other are one refresh, and whoever changes something all the time does not keep workers busy.
const soonest = sql<string>`least(next_refresh_at, greatest(now() + interval '1 second',
  (select last_refresh_at from registries where id = registry_id) + interval '5 seconds'))`;

/** What a change means for when things are read next. */
export interface ReadAgain {
  /** The connection is due now. */
  refresh_soon: boolean;
  /** Images under these hosts are due that are linked to no connection. */
  moved_hosts: string[];
}

type Updated = RegistryValues & ReadAgain & { id: string; environment_id: string };

// What becomes due travels with the change: each statement of its own would cost more than all of this.
const update = statement<Updated, RegistryRow>((db, v) =>
  db
    .with('soon', (cte) =>
      cte
        .updateTable('registry_refreshes')
        .set({ next_refresh_at: soonest })
        .where('registry_id', '=', v.id)
        .where(sql<boolean>`${v.refresh_soon}::boolean`),
    )
    .with('moved', (cte) =>
      cte
        .updateTable('image_checks')
        .from('container_images as image')
        .set({ next_check_at: sql`least(next_check_at, now())` })
        .whereRef('image.id', '=', 'image_checks.container_image_id')
        .where('image.environment_id', '=', v.environment_id)
        .where(sql<boolean>`image.host = any(${v.moved_hosts}::text[])`)
        .where('image.registry_connection_id', 'is', null),
    )
    .updateTable('registries')
    .set({
      name: v.name,
      type: v.type,
      registry_url: v.registry_url,
      repository_prefix: v.repository_prefix,
      username: v.username,
      token_sealed: v.token_sealed,
      password_sealed: v.password_sealed,
      is_default: v.is_default,
      refresh_interval_minutes: v.refresh_interval_minutes,
      auto_link_pattern: v.auto_link_pattern,
      version: sql`version + 1`,
      updated_at: sql`now()`,
    })
    .where('id', '=', v.id)
    .returningAll()
    .returning(imageCount.as('image_count')),
);

/** Replaces what a user sets on a locked connection, counts the version up, and makes due what has to be read again. */
export async function updateRegistryRow(tx: Tx, values: Updated): Promise<RegistryRow> {
  return (await update.first(tx, values)) as RegistryRow;
}

const lockDefault = statement<{ environmentId: string }, never>(
  (_, v) =>
    sql<never>`select pg_advisory_xact_lock(hashtextextended('portolan.default_registry/' || ${v.environmentId}::text, 0))`,
);
const clearDefault = statement<{ environmentId: string; exceptId: string }, { id: string }>((db, v) =>
  db
    .updateTable('registries')
    .set({ is_default: false, version: sql`version + 1`, updated_at: sql`now()` })
    .where('environment_id', '=', v.environmentId)
    .where('is_default', '=', true)
    .where('id', '<>', v.exceptId)
    .returning('id'),
);

/**
 * Takes the default flag from the connection that has it; before another one gets it, in the same transaction. The lock
 * makes takers of one environment come one after the other: without it the second one would clear the flag that it saw
 * before it waited, and fail on the one that the first one set. It is taken behind the lock of the taker's own row, which
 * cannot close a circle: a row that is locked by somebody else and carries the flag belongs to no taker.
 */
export async function takeDefault(tx: Tx, environmentId: string, takerId: string): Promise<void> {
  await lockDefault.all(tx, { environmentId });
  await clearDefault.all(tx, { environmentId, exceptId: takerId });
}

const byName = statement<{ environmentId: string; name: string }, { id: string }>((db, v) =>
  db.selectFrom('registries').select('id').where('environment_id', '=', v.environmentId).where('name', '=', v.name),
);

/** The connection that has a name in an environment. */
export const findRegistryByName = (db: Db, environmentId: string, name: string): Promise<{ id: string } | undefined> =>
  byName.first(db, { environmentId, name });

const users = statement<{ id: string }, ObjectReference & { total: number }>((db, { id }) =>
  db
    .selectFrom('container_images')
    .select(['id', 'name', sql<string>`'container_image'`.as('type'), sql<number>`count(*) over ()`.as('total')])
    .where('registry_connection_id', '=', id)
    .orderBy('name')
    .limit(50),
);

/** Images that are linked to a connection explicitly: at most 50, each with the number of all. */
export const imagesOfRegistry = (tx: Tx, id: string): Promise<(ObjectReference & { total: number })[]> => users.all(tx, { id });

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('registries').where('id', '=', id) as never);

/** Deletes a locked connection. */
export const deleteRegistryRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });
