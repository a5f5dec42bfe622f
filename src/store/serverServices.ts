import { type QueryCreator, sql } from 'kysely';
import type { DB } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db } from './database';
import { type ListPage, type ListSpec, listPage } from './list';
import { connectionsOf, type EnvironmentConnection } from './registries';
import { type JoinedService, joinedServices, nestedService, type ServiceRow } from './services';
import { statement } from './statement';

interface Place {
  placement_id: string;
}
/** A service as one of its placements is. */
export type PlacedServiceRow = ServiceRow & Place;

const environmentOf = (serverId: string) => sql<string>`(select environment_id from servers where id = ${serverId})`;

const placed = (db: QueryCreator<DB>) =>
  joinedServices(db).innerJoin('service_deployments as here', 'here.service_id', 'services.id').select('here.id as placement_id');

const list: ListSpec<JoinedService & Place, { connections: EnvironmentConnection[]; environmentId: string }> = {
  name: 'serverServices',
  rows: placed as never,
  countable: (db) =>
    db.selectFrom('services').innerJoin('service_deployments as here', 'here.service_id', 'services.id') as never,
  id: sql`services.id`,
  sort: {
    name: { expression: sql`services.name`, type: 'text' },
    createdAt: { expression: sql`services.created_at`, type: 'timestamp' },
  },
  filters: {
    serverId: (id: string) => sql<boolean>`here.server_id = ${id}`,
    q: (pattern: string) => sql<boolean>`services.name ilike ${pattern}`,
  },
  parent: { table: 'servers', filter: 'serverId' },
  once: { connections: (serverId) => connectionsOf(environmentOf(serverId)), environmentId: environmentOf },
};

/** A page of the services on a server, with the connections of their environment, and the id of that. */
export async function listServerServices(
  db: Db,
  page: PageRequest,
  filters: { serverId: string; q?: string | undefined },
): Promise<ListPage<PlacedServiceRow, { connections: EnvironmentConnection[]; environmentId: string }>> {
  const found = await listPage(db, list, page, { ...filters });
  return { ...found, rows: found.rows.map(nestedService) };
}

// They are all of one environment, so its connections stand in one row.
const all = statement<{ serverId: string }, JoinedService & Place & { connections: EnvironmentConnection[] | null }>(
  (db, { serverId }) =>
    placed(db)
      .select(sql`case when row_number() over () = 1 then ${connectionsOf(environmentOf(serverId))} end`.as('connections'))
      .where('here.server_id', '=', serverId)
      .orderBy('services.name')
      .orderBy('services.id') as never,
);

/** All services on a server by name, with the connections of their environment. */
export async function servicesOnServer(
  db: Db,
  serverId: string,
): Promise<{ rows: PlacedServiceRow[]; connections: EnvironmentConnection[] }> {
  const found = await all.all(db, { serverId });
  return { rows: found.map(nestedService), connections: found.find((row) => row.connections)?.connections ?? [] };
}
