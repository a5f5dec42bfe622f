import { type QueryCreator, sql } from 'kysely';
import type { DB } from '../../../generated/database';
import type { ListRequest } from '../../domain/cloudFoundry/listRequest';
import type { Metadata } from '../../domain/cloudFoundry/metadata';
import { isId } from '../../domain/ids';
import type { Db } from '../database';
import { statement } from '../statement';
import { listColumnsOf, listV3, type V3ListSpec } from './list';
import { byIds } from './listConditions';
import { metadataColumns } from './metadata';

/** A placement as it is read for its process. */
export interface PlacementFacts {
  id: string;
  server_name: string;
  server_hostname: string;
  container_status: string;
  health_status: string;
  exposed_ports: { host: number | null; container: number }[];
  is_deploying: boolean;
  /** Since when it is as it is, as far as that is known; in seconds since 1970. */
  since_second: number;
}

/** A service as a process, with its metadata, its placements, and what its current droplet starts. */
export interface ProcessRow extends Metadata {
  id: string;
  environment_id: string;
  version: number;
  desired_state: string;
  health_check_url: string | null;
  health_wait_ms: number;
  health_interval_ms: number;
  created_at: string;
  updated_at: string;
  process_types: Record<string, string> | null;
  execution_metadata: string | null;
  /** By age, which gives each its index. */
  placements: PlacementFacts[];
}

// What is under way on the service is under way on each of its placements.
const isDeploying = sql`exists (select from operations where resource_id in (services.id, placed.id)
  and state in ('queued', 'running') and kind like 'deploy.%')`;

const placements = sql<PlacementFacts[]>`(
  select coalesce(json_agg(json_build_object('id', placed.id, 'server_name', servers.name, 'server_hostname', servers.hostname,
    'container_status', placed.container_status, 'health_status', placed.health_status,
    'exposed_ports', placed.exposed_ports, 'is_deploying', ${isDeploying},
    'since_second', floor(extract(epoch from coalesce(placed.last_deployed_at, placed.created_at)))::bigint)
    order by placed.created_at, placed.id), '[]')
  from service_deployments placed join servers on servers.id = placed.server_id where placed.service_id = services.id)`;

const processes = (db: QueryCreator<DB>) =>
  db
    .selectFrom('services')
    .leftJoin('droplets as current', 'current.id', 'services.current_droplet_id')
    .select([
      'services.id',
      'services.environment_id',
      'services.version',
      'services.desired_state',
      'services.health_check_url',
      'services.health_wait_ms',
      'services.health_interval_ms',
      'services.created_at',
      'services.updated_at',
      sql<Record<string, string> | null>`current.process_types`.as('process_types'),
      'current.execution_metadata',
      placements.as('placements'),
    ])
    .select(metadataColumns('process', sql`services.id`));

const byId = statement<{ id: string }, ProcessRow>((db, { id }) => processes(db).where('services.id', '=', id));

/** The process of an app, or undefined; any text may be asked for. */
export const findProcess = async (db: Db, guid: string): Promise<ProcessRow | undefined> =>
  isId(guid) ? byId.first(db, { id: guid }) : undefined;

const list: V3ListSpec<ProcessRow> = {
  name: 'v3Processes',
  type: 'process',
  rows: processes as never,
  countable: (db) => db.selectFrom('services') as never,
  ...listColumnsOf('services'),
  filters: {
    app_guids: byIds(sql`services.id`),
    // There is one type.
    types: (types) => sql<boolean>`'web' = any(${types}::text[])`,
  },
  counted: { list: 'services' },
};

/** A page of the processes of some or all environments. */
export const listProcesses = (db: Db, request: ListRequest, reach: readonly string[] | undefined) =>
  listV3(db, list, request, reach);

/** As `listProcesses`, of one app. */
export const listProcessesOfApp = (db: Db, request: ListRequest, appGuid: string) =>
  listV3(db, list, { ...request, filters: { ...request.filters, app_guids: [appGuid] } }, undefined);
