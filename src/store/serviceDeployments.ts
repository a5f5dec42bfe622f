import { type QueryCreator, type RawBuilder, type Selectable, sql } from 'kysely';
import type { DB, ServiceDeployments } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { jsonTimestamp } from './jsonTimestamp';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';

/** The server of a placement, as far as the placement tells of it. */
export interface ServerOfPlacement {
  id: string;
  name: string;
  hostname: string;
  publicIp: string | null;
  status: string;
}

/** A placement with its server and the environment of both. */
export type PlacementRow = Selectable<ServiceDeployments> & { environment_id: string; server: ServerOfPlacement };

const columns = {
  id: 'plain',
  service_id: 'plain',
  server_id: 'plain',
  image_digest_id: 'plain',
  container_name: 'plain',
  compose_path: 'plain',
  env_overrides: 'plain',
  exposed_ports: 'plain',
  status: 'plain',
  container_status: 'plain',
  health_status: 'plain',
  discovery_status: 'plain',
  running_digest: 'plain',
  last_checked_at: 'timestamp',
  last_discovered_at: 'timestamp',
  last_deployed_at: 'timestamp',
  last_health_check_status: 'plain',
  last_health_check_at: 'timestamp',
  last_health_check_type: 'plain',
  last_health_check_duration_ms: 'plain',
  last_health_check_error: 'plain',
  version: 'plain',
  created_at: 'timestamp',
  updated_at: 'timestamp',
} as const satisfies Record<keyof ServiceDeployments, 'plain' | 'timestamp'>;

const server = sql<ServerOfPlacement>`json_build_object('id', servers.id, 'name', servers.name, 'hostname', servers.hostname,
  'publicIp', servers.public_ip, 'status', servers.status)`;

const inJson = sql.join(
  Object.entries(columns).map(([name, kind]) => {
    const column = `placed.${name}`;
    return sql`${sql.lit(name)}, ${kind === 'timestamp' ? jsonTimestamp(column) : sql.ref(column)}`;
  }),
);

/** The placements of the service that a column names, the oldest first, as one JSON column. */
export const placementsOf = (serviceId: string): RawBuilder<PlacementRow[]> => sql<PlacementRow[]>`(
  select coalesce(json_agg(json_build_object(${inJson}, 'environment_id', servers.environment_id, 'server', ${server})
    order by placed.created_at, placed.id), '[]')
  from service_deployments placed join servers on servers.id = placed.server_id where placed.service_id = ${sql.ref(serviceId)})`;

const placements = (db: QueryCreator<DB>) =>
  db
    .selectFrom('service_deployments')
    .innerJoin('servers', 'servers.id', 'service_deployments.server_id')
    .selectAll('service_deployments')
    .select(['servers.environment_id', server.as('server')]);

interface Place {
  serviceId: string;
  id: string;
}
const ofService = (db: QueryCreator<DB>, { serviceId, id }: Place) =>
  placements(db).where('service_deployments.id', '=', id).where('service_deployments.service_id', '=', serviceId);
const byId = statement<Place, PlacementRow>(ofService as never);
const byIdLocked = statement<Place, PlacementRow>((db, place) => ofService(db, place).forUpdate('service_deployments') as never);

/** One placement of a service, or undefined; also for one of another service. */
export const findPlacement = (db: Db, serviceId: string, id: string): Promise<PlacementRow | undefined> =>
  byId.first(db, { serviceId, id });

/** As `findPlacement`, locked until the transaction ends. */
export const lockPlacement = (tx: Tx, serviceId: string, id: string): Promise<PlacementRow | undefined> =>
  byIdLocked.first(tx, { serviceId, id });

const list: ListSpec<PlacementRow, { environmentId: string }> = {
  name: 'serviceDeployments',
  rows: placements as never,
  countable: (db) => db.selectFrom('service_deployments') as never,
  id: sql`service_deployments.id`,
  sort: {
    createdAt: { expression: sql`service_deployments.created_at`, type: 'timestamp' },
    containerName: { expression: sql`service_deployments.container_name`, type: 'text' },
  },
  filters: {
    serviceId: (id: string) => sql<boolean>`service_deployments.service_id = ${id}`,
    serverId: (ids: string[]) => sql<boolean>`service_deployments.server_id = any(${ids})`,
    status: (statuses: string[]) => sql<boolean>`service_deployments.status = any(${statuses})`,
    q: (pattern: string) => sql<boolean>`service_deployments.container_name ilike ${pattern}`,
  },
  parent: { table: 'services', filter: 'serviceId' },
  once: { environmentId: (serviceId) => sql<string>`(select environment_id from services where id = ${serviceId})` },
};

export interface PlacementFilters {
  serviceId: string;
  serverId?: string[] | undefined;
  status?: string[] | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the placements of one service, and the environment that this is in. */
export const listPlacements = (db: Db, page: PageRequest, filters: PlacementFilters) => listPage(db, list, page, { ...filters });

/** What a user sets. */
export interface PlacementValues {
  container_name: string;
  compose_path: string | null;
  /** JSON of a map. */
  env_overrides: string;
}
type NewPlacement = PlacementValues & { id: string; service_id: string; server_id: string };

// What was written is read on under the table's own name, so that the read is the same as everywhere.
const insert = statement<NewPlacement, PlacementRow>(
  (db, v) =>
    placements(
      db.with('service_deployments', (cte) =>
        cte
          .insertInto('service_deployments')
          .values({
            id: v.id,
            service_id: v.service_id,
            server_id: v.server_id,
            container_name: v.container_name,
            compose_path: v.compose_path,
            env_overrides: v.env_overrides,
          })
          .returningAll(),
      ) as never,
    ) as never,
);

/** Adds a placement; gives it as it is read. */
export async function insertPlacement(tx: Tx, values: NewPlacement): Promise<PlacementRow> {
  return (await insert.first(tx, values)) as PlacementRow;
}

const update = statement<PlacementValues & { id: string }, PlacementRow>(
  (db, v) =>
    placements(
      db.with('service_deployments', (cte) =>
        cte
          .updateTable('service_deployments')
          .set({
            container_name: v.container_name,
            compose_path: v.compose_path,
            env_overrides: v.env_overrides,
            version: sql`version + 1`,
            updated_at: sql`now()`,
          })
          .where('id', '=', v.id)
          .returningAll(),
      ) as never,
    ) as never,
);

/** Replaces what a user sets on a locked placement, and counts the version up. */
export async function updatePlacementRow(tx: Tx, values: PlacementValues & { id: string }): Promise<PlacementRow> {
  return (await update.first(tx, values)) as PlacementRow;
}

const remove = statement<{ id: string }, never>(
  (db, { id }) => db.deleteFrom('service_deployments').where('id', '=', id) as never,
);

/** Deletes a locked placement. */
export const deletePlacementRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });

/** A placement that stands where another one is wanted. */
export interface PlacementInTheWay {
  id: string;
  service_id: string;
  container_name: string;
}
const inTheWay = statement<{ serviceId: string; serverId: string; containerName: string }, PlacementInTheWay>((db, v) =>
  db
    .selectFrom('service_deployments')
    .select(['id', 'service_id', 'container_name'])
    .where('server_id', '=', v.serverId)
    .where((or) => or.or([or('service_id', '=', v.serviceId), or('container_name', '=', v.containerName)])),
);

/** Placements on a server that are of this service or have this container name: at most two. */
export const placementsInTheWay = (
  db: Db,
  wanted: { serviceId: string; serverId: string; containerName: string },
): Promise<PlacementInTheWay[]> => inTheWay.all(db, wanted);
