import { type QueryCreator, type Selectable, sql } from 'kysely';
import type { DB, Services } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import { type ImageFacts, nestedImage, nestedImageColumns } from './containerImages';
import type { Db, Tx } from './database';
import { type ListPage, type ListSpec, listPage } from './list';
import { connectionsOf, type EnvironmentConnection } from './registries';
import { type PlacementRow, placementsOf } from './serviceDeployments';
import type { ServiceTypeRow } from './serviceTypes';
import { statement } from './statement';
import { commandsOf } from './typeCommands';

/** The type of a service with its commands; how many services have it is no fact of one of them. */
export type TypeFacts = Omit<ServiceTypeRow, 'service_count' | 'shipped_definition'>;

/** What a service is pinned to; all null without a current droplet, and for what is not known of its digest. */
interface PinnedColumns {
  pinned_image: string | null;
  pinned_digest: string | null;
  pinned_tag: string | null;
}

/** Where a service runs. */
interface PlacedColumns {
  /** The oldest first. */
  placements: PlacementRow[];
  /** One of them runs something else than what is pinned. */
  drifted: boolean;
}

type OwnColumns = Selectable<Services> & PinnedColumns & PlacedColumns;

/** A service with its image, its type, what it is pinned to and where it runs. */
export type ServiceRow = OwnColumns & { image: ImageFacts | null; type: TypeFacts | null };

type WithConnections<Row> = Row & { connections: EnvironmentConnection[] };
/** A service as it is joined, before `nestedService`. */
export type JoinedService = OwnColumns & Record<string, unknown>;

const typeColumns = {
  id: true,
  name: true,
  display_name: true,
  source: true,
  is_customized: true,
  version: true,
  created_at: true,
  updated_at: true,
} as const satisfies Record<keyof Omit<TypeFacts, 'commands'>, true>;
const typeColumnNames = Object.keys(typeColumns) as (keyof typeof typeColumns)[];

// Joined rather than selected: the services of a page have few types, and a join remembers what it found for each.
// Without the offset the planner would make a selection of it.
const commands = sql<{ listed: unknown }>`(
  select ${commandsOf('service_type_id', 'services.service_type_id')} as listed offset 0)`.as('commands');

// What a container reports goes before what was deployed; a placement of which neither is known is not compared.
const otherThanPinned = sql`
  join image_digests wanted on wanted.id = pinned_droplet.image_digest_id
  left join image_digests deployed on deployed.id = placed.image_digest_id
  where coalesce(placed.running_digest, deployed.manifest_digest) <> wanted.manifest_digest`;
const drifted = sql<boolean>`exists (
  select from service_deployments placed join droplets pinned_droplet on pinned_droplet.id = services.current_droplet_id
  ${otherThanPinned} and placed.service_id = services.id)`;
// The same of all services at once: a list that asked for each of them by itself would grow too steep.
const driftedServices = sql`(
  select here.id from services here join service_deployments placed on placed.service_id = here.id
    join droplets pinned_droplet on pinned_droplet.id = here.current_droplet_id
  ${otherThanPinned})`;

/** Services with all that is shown of them, to be read on or bounded. */
export const joinedServices = (db: QueryCreator<DB>) =>
  db
    .selectFrom('services')
    .leftJoin('container_images', 'container_images.id', 'services.container_image_id')
    .leftJoin('image_digests as latest', 'latest.id', 'container_images.latest_digest_id')
    .leftJoin('service_types', 'service_types.id', 'services.service_type_id')
    .leftJoin('droplets as pinned', 'pinned.id', 'services.current_droplet_id')
    .leftJoin('image_digests as pinned_digest', 'pinned_digest.id', 'pinned.image_digest_id')
    .leftJoinLateral(commands, (join) => join.onTrue())
    .selectAll('services')
    .select(nestedImageColumns)
    .select(typeColumnNames.map((name) => sql.ref(`service_types.${name}`).as(`type_${name}`)))
    .select([
      'pinned.image as pinned_image',
      'pinned_digest.manifest_digest as pinned_digest',
      'pinned_digest.best_tag as pinned_tag',
    ])
    .select(sql.ref('commands.listed').as('type_commands'))
    .select([placementsOf('services.id').as('placements'), drifted.as('drifted')]);
const withConnections = (db: QueryCreator<DB>) =>
  joinedServices(db).select(connectionsOf(sql.ref('services.environment_id')).as('connections'));

/** A joined row with image and type as objects. */
export function nestedService<Row extends JoinedService>(row: Row): Row & ServiceRow {
  const type = row.type_id === null ? null : Object.fromEntries(typeColumnNames.map((name) => [name, row[`type_${name}`]]));
  return { ...row, image: nestedImage(row), type: type && ({ ...type, commands: row.type_commands } as TypeFacts) };
}

const byId = statement<{ id: string }, WithConnections<JoinedService>>(
  (db, { id }) => withConnections(db).where('services.id', '=', id) as never,
);
const byIdLocked = statement<{ id: string }, WithConnections<JoinedService>>(
  (db, { id }) => withConnections(db).where('services.id', '=', id).forUpdate('services') as never,
);

/** One service with the connections of its environment, or undefined. */
export async function findService(db: Db, id: string): Promise<WithConnections<ServiceRow> | undefined> {
  const row = await byId.first(db, { id });
  return row && nestedService(row);
}

/** One service, locked until the transaction ends. */
export async function lockService(tx: Tx, id: string): Promise<WithConnections<ServiceRow> | undefined> {
  const row = await byIdLocked.first(tx, { id });
  return row && nestedService(row);
}

const list: ListSpec<JoinedService, { connections: EnvironmentConnection[] }> = {
  name: 'services',
  rows: joinedServices as never,
  countable: (db) => db.selectFrom('services') as never,
  id: sql`services.id`,
  sort: {
    name: { expression: sql`services.name`, type: 'text' },
    createdAt: { expression: sql`services.created_at`, type: 'timestamp' },
    updatedAt: { expression: sql`services.updated_at`, type: 'timestamp' },
  },
  filters: {
    environmentId: (id: string) => sql<boolean>`services.environment_id = ${id}`,
    name: (names: string[]) => sql<boolean>`services.name = any(${names})`,
    containerImageId: (ids: string[]) => sql<boolean>`services.container_image_id = any(${ids})`,
    serviceTypeId: (ids: string[]) => sql<boolean>`services.service_type_id = any(${ids})`,
    serverId: (ids: string[]) =>
      sql<boolean>`services.id in (select service_id from service_deployments where server_id = any(${ids}))`,
    // Of the oldest placement.
    healthStatus: (statuses: string[]) => sql<boolean>`services.id in (select placed.service_id from service_deployments placed
      where placed.health_status = any(${statuses}) and not exists (
        select from service_deployments older where older.service_id = placed.service_id
          and (older.created_at, older.id) < (placed.created_at, placed.id)))`,
    updateAvailable: (flag: boolean) => sql<boolean>`services.update_available = ${flag}`,
    drifted: () => sql<boolean>`services.id in ${driftedServices}`,
    notDrifted: () => sql<boolean>`services.id not in ${driftedServices}`,
    q: (pattern: string) => sql<boolean>`services.name ilike ${pattern}`,
  },
  parent: { table: 'environments', filter: 'environmentId' },
  counted: 'services',
  once: { connections: connectionsOf },
};

export interface ServiceFilters {
  environmentId: string;
  name?: string[] | undefined;
  containerImageId?: string[] | undefined;
  serviceTypeId?: string[] | undefined;
  serverId?: string[] | undefined;
  healthStatus?: string[] | undefined;
  updateAvailable?: boolean | undefined;
  drifted?: boolean | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the services of one environment, and that environment's connections. */
export async function listServices(
  db: Db,
  page: PageRequest,
  filters: ServiceFilters,
): Promise<ListPage<ServiceRow, { connections: EnvironmentConnection[] }>> {
  const { drifted: asked, ...others } = filters;
  const chosen = { drifted: asked === true || undefined, notDrifted: asked === false || undefined };
  const found = await listPage(db, list, page, { ...others, ...chosen });
  return { ...found, rows: found.rows.map(nestedService) };
}

/** What a user sets. */
export interface ServiceValues {
  name: string;
  container_image_id: string | null;
  image_tag: string;
  compose_template: string | null;
  health_check_url: string | null;
  /** JSON of a map. */
  base_env: string;
  deploy_strategy: string;
  service_type_id: string | null;
  health_wait_ms: number;
  health_retries: number;
  health_interval_ms: number;
}

const columnsOf = (v: ServiceValues): ServiceValues => ({
  name: v.name,
  container_image_id: v.container_image_id,
  image_tag: v.image_tag,
  compose_template: v.compose_template,
  health_check_url: v.health_check_url,
  base_env: v.base_env,
  deploy_strategy: v.deploy_strategy,
  service_type_id: v.service_type_id,
  health_wait_ms: v.health_wait_ms,
  health_retries: v.health_retries,
  health_interval_ms: v.health_interval_ms,
});

/** Left out: what is added is to run. */
type NewService = ServiceValues & { id: string; environment_id: string; desired_state?: 'started' | 'stopped' };

// What was written is read on under the table's own name, so that the read is the same as everywhere.
const insert = statement<NewService, WithConnections<JoinedService>>(
  (db, v) =>
    withConnections(
      db.with('services', (cte) =>
        cte
          .insertInto('services')
          .values({
            id: v.id,
            environment_id: v.environment_id,
            desired_state: v.desired_state as string,
            ...columnsOf(v),
          })
          .returningAll(),
      ) as never,
    ) as never,
);

/** Adds a service; gives it as it is read. */
export async function insertService(tx: Tx, values: NewService): Promise<WithConnections<ServiceRow>> {
  return nestedService((await insert.first(tx, { desired_state: 'started', ...values })) as WithConnections<JoinedService>);
}

const update = statement<ServiceValues & { id: string }, WithConnections<JoinedService>>(
  (db, v) =>
    withConnections(
      db.with('services', (cte) =>
        cte
          .updateTable('services')
          .set({ ...columnsOf(v), version: sql`version + 1`, updated_at: sql`now()` })
          .where('id', '=', v.id)
          .returningAll(),
      ) as never,
    ) as never,
);

/** Replaces what a user sets on a locked service, and counts the version up. */
export async function updateServiceRow(tx: Tx, values: ServiceValues & { id: string }): Promise<WithConnections<ServiceRow>> {
  return nestedService((await update.first(tx, values)) as WithConnections<JoinedService>);
}

const byName = statement<{ environmentId: string; name: string }, { id: string }>((db, v) =>
  db.selectFrom('services').select('id').where('environment_id', '=', v.environmentId).where('name', '=', v.name),
);

/** The service that has a name in an environment. */
export const findServiceByName = (db: Db, environmentId: string, name: string): Promise<{ id: string } | undefined> =>
  byName.first(db, { environmentId, name });

const type = statement<{ id: string }, { id: string }>((db, { id }) =>
  db.selectFrom('service_types').select('id').where('id', '=', id),
);

/** Whether there is a service type of this id. */
export const serviceTypeExists = async (db: Db, id: string): Promise<boolean> => (await type.first(db, { id })) !== undefined;

/** Work on a service that has not ended. */
export interface ActiveOperation {
  id: string;
  kind: string;
  state: string;
}

interface OperationsOf {
  id: string;
  /** null: all placements of the service. */
  placementId: string | null;
  except: string | null;
}
const active = statement<OperationsOf, ActiveOperation>((db, v) =>
  db
    .selectFrom('operations')
    .select(['id', 'kind', 'state'])
    .where(
      sql<boolean>`resource_id = any(array(select ${v.id}::uuid union all select id from service_deployments
        where service_id = ${v.id} and (${v.placementId}::uuid is null or id = ${v.placementId}::uuid)))`,
    )
    .where(sql<boolean>`id is distinct from ${v.except}::uuid`)
    .where('state', 'in', ['queued', 'running'])
    .orderBy('created_at')
    .limit(1),
);

/** The oldest operation on a service or one of its placements that has not ended, beside the one that asks. */
export const activeOperationOf = (db: Db, id: string, except: string | null = null): Promise<ActiveOperation | undefined> =>
  active.first(db, { id, placementId: null, except });

/** As `activeOperationOf`, but of its placements this one alone. */
export const activeOperationOfPlacement = (
  db: Db,
  serviceId: string,
  placementId: string,
): Promise<ActiveOperation | undefined> => active.first(db, { id: serviceId, placementId, except: null });

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('services').where('id', '=', id) as never);

/** Deletes a locked service. */
export const deleteServiceRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });

// What runs goes before what is pinned; of several placements the oldest one speaks.
const current = statement<{ id: string }, { best_tag: string | null }>(
  (_, v) => sql<{ best_tag: string | null }>`
    select best_tag from image_digests where id = coalesce(
      (select image_digest_id from service_deployments
        where service_id = ${v.id} and image_digest_id is not null order by created_at, id limit 1),
      (select droplets.image_digest_id from services join droplets on droplets.id = services.current_droplet_id
        where services.id = ${v.id}))`,
);

/** Best tag of what a service runs or has pinned; null when neither is known. */
export async function currentTagOfService(db: Db, id: string): Promise<string | null> {
  return (await current.first(db, { id }))?.best_tag ?? null;
}
