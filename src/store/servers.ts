import { type QueryCreator, type Selectable, sql } from 'kysely';
import type { DB, ServerMetrics, Servers } from '../../generated/database';
import type { ObjectReference } from '../domain/errors';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';

/** The columns of the latest sample that a server shows. */
const sampleColumns = [
  'cpu_percent',
  'memory_used_mb',
  'memory_total_mb',
  'disk_used_gb',
  'disk_total_gb',
  'uptime_seconds',
  'collected_at',
] as const;
type SampleColumns = { [Name in (typeof sampleColumns)[number] as `sample_${Name}`]: Selectable<ServerMetrics>[Name] | null };

/** A server with the names of its environment, its latest sample (all null before the first one) and how much is placed on it. */
export type ServerRow = Selectable<Servers> &
  SampleColumns & { environment_name: string; environment_display_name: string | null; service_count: number };

const latestSample = sql<{ collected_at: string }>`(
  select * from server_metrics where server_id = servers.id order by collected_at desc, id desc limit 1)`.as('sample');

const servers = (db: QueryCreator<DB>) =>
  db
    .selectFrom('servers')
    .innerJoin('environments', 'environments.id', 'servers.environment_id')
    .leftJoinLateral(latestSample, (join) => join.onTrue())
    .selectAll('servers')
    .select(['environments.name as environment_name', 'environments.display_name as environment_display_name'])
    .select(sampleColumns.map((name) => sql.ref(`sample.${name}`).as(`sample_${name}`)))
    .select(sql<number>`(select count(*) from service_deployments where server_id = servers.id)`.as('service_count'));

const byId = statement<{ id: string }, ServerRow>((db, { id }) => servers(db).where('servers.id', '=', id) as never);
const byIdLocked = statement<{ id: string }, ServerRow>(
  (db, { id }) => servers(db).where('servers.id', '=', id).forUpdate('servers') as never,
);

/** One server, or undefined. */
export const findServer = (db: Db, id: string): Promise<ServerRow | undefined> => byId.first(db, { id });

/** One server, locked until the transaction ends: nothing is placed on it meanwhile. */
export const lockServer = (tx: Tx, id: string): Promise<ServerRow | undefined> => byIdLocked.first(tx, { id });

const place = statement<{ id: string }, { environment_id: string }>((db, { id }) =>
  db.selectFrom('servers').select('environment_id').where('id', '=', id),
);

/** Where a server is; undefined when there is none. */
export const environmentOfServer = (db: Db, id: string): Promise<{ environment_id: string } | undefined> =>
  place.first(db, { id });

const ofEnvironment = statement<{ environmentId: string; id: string }, ServerRow>(
  (db, v) => servers(db).where('servers.id', '=', v.id).where('servers.environment_id', '=', v.environmentId) as never,
);

/** One server of an environment; undefined also for a server of another one. */
export const serverOfEnvironment = (db: Db, environmentId: string, id: string): Promise<ServerRow | undefined> =>
  ofEnvironment.first(db, { environmentId, id });

const list: ListSpec<ServerRow> = {
  name: 'servers',
  rows: servers as never,
  countable: (db) => db.selectFrom('servers') as never,
  id: sql`servers.id`,
  sort: {
    name: { expression: sql`servers.name`, type: 'text' },
    createdAt: { expression: sql`servers.created_at`, type: 'timestamp' },
  },
  filters: {
    environmentId: (id: string) => sql<boolean>`servers.environment_id = ${id}`,
    name: (names: string[]) => sql<boolean>`servers.name = any(${names})`,
    hostname: (hostnames: string[]) => sql<boolean>`servers.hostname = any(${hostnames})`,
    status: (statuses: string[]) => sql<boolean>`servers.status = any(${statuses})`,
    tag: (tags: string[]) => sql<boolean>`servers.tags @> any(${tags}::jsonb[])`,
    // A server belongs to no cluster while there are none.
    clusterId: () => sql<boolean>`false`,
    q: (pattern: string) => sql<boolean>`(servers.name ilike ${pattern} or servers.hostname ilike ${pattern})`,
  },
  parent: { table: 'environments', filter: 'environmentId' },
  counted: 'servers',
};

export interface ServerFilters {
  environmentId: string;
  name?: string[] | undefined;
  hostname?: string[] | undefined;
  status?: string[] | undefined;
  /** Servers with any of these tags. */
  tag?: string[] | undefined;
  clusterId?: string[] | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the servers of one environment. */
export const listServers = (db: Db, page: PageRequest, { tag, ...filters }: ServerFilters) =>
  listPage(db, list, page, { ...filters, tag: tag?.map((text) => JSON.stringify([text])) });

/** What a user sets, and what follows from it. */
export interface ServerValues {
  name: string;
  hostname: string;
  public_ip: string | null;
  /** JSON of a list of texts. */
  tags: string;
  docker_mode: string;
  metrics_mode: string;
  ssh_port: number;
  host_key_fingerprint: string | null;
  server_type: string;
}

const columnsOf = (v: ServerValues): ServerValues => ({
  name: v.name,
  hostname: v.hostname,
  public_ip: v.public_ip,
  tags: v.tags,
  docker_mode: v.docker_mode,
  metrics_mode: v.metrics_mode,
  ssh_port: v.ssh_port,
  host_key_fingerprint: v.host_key_fingerprint,
  server_type: v.server_type,
});

// What was written is read on under the table's own name, so that the read is the same as everywhere.
const insert = statement<ServerValues & { id: string; environment_id: string }, ServerRow>(
  (db, v) =>
    servers(
      db.with('servers', (cte) =>
        cte
          .insertInto('servers')
          .values({ id: v.id, environment_id: v.environment_id, ...columnsOf(v) })
          .returningAll(),
      ) as never,
    ) as never,
);

/** Adds a server; gives it as it is read. */
export async function insertServer(tx: Tx, values: ServerValues & { id: string; environment_id: string }): Promise<ServerRow> {
  return (await insert.first(tx, values)) as ServerRow;
}

const update = statement<ServerValues & { id: string }, ServerRow>(
  (db, v) =>
    servers(
      db.with('servers', (cte) =>
        cte
          .updateTable('servers')
          .set({ ...columnsOf(v), version: sql`version + 1`, updated_at: sql`now()` })
          .where('id', '=', v.id)
          .returningAll(),
      ) as never,
    ) as never,
);

/** Replaces what a user sets on a locked server, and counts the version up. */
export async function updateServerRow(tx: Tx, values: ServerValues & { id: string }): Promise<ServerRow> {
  return (await update.first(tx, values)) as ServerRow;
}

const byName = statement<{ environmentId: string; name: string }, { id: string }>((db, v) =>
  db.selectFrom('servers').select('id').where('environment_id', '=', v.environmentId).where('name', '=', v.name),
);

/** The server that has a name in an environment. */
export const findServerByName = (db: Db, environmentId: string, name: string): Promise<{ id: string } | undefined> =>
  byName.first(db, { environmentId, name });

const users = statement<{ id: string }, ObjectReference & { total: number }>((db, { id }) =>
  db
    .selectFrom('service_deployments')
    .innerJoin('services', 'services.id', 'service_deployments.service_id')
    .select(['service_deployments.id', 'services.name'])
    .select([sql<string>`'service_deployment'`.as('type'), sql<number>`count(*) over ()`.as('total')])
    .where('service_deployments.server_id', '=', id)
    .orderBy('services.name')
    .orderBy('service_deployments.id')
    .limit(50),
);

/** What is placed on a server, under the names of the services: at most 50, each with the number of all. */
export const placementsOnServer = (tx: Tx, id: string): Promise<(ObjectReference & { total: number })[]> => users.all(tx, { id });

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('servers').where('id', '=', id) as never);

/** Deletes a locked server. */
export const deleteServerRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });
