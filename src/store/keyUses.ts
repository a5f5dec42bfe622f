import { type RawBuilder, sql } from 'kysely';

/** Where the keys of vars and secrets are named. One key is looked up in one environment, whatever there is beside it. */

export interface UsingService {
  id: string;
  name: string;
  /** Empty for a service without placement. */
  serverName: string;
}

export interface UsingConfigFile {
  id: string;
  name: string;
  filename: string;
  services: UsingService[];
}

/** What uses a key, as two computed columns. */
export interface KeyUses {
  used_by_config_files: UsingConfigFile[];
  used_by_services: UsingService[];
}

type Keyed = 'vars' | 'secrets';
const named = (table: Keyed) => sql`environment_id = ${sql.table(table)}.environment_id and key = ${sql.table(table)}.key`;

/** Distinct pairs of service and server of `pairs`, which has the columns of a service and of its placement, or null. */
const servicesOf = (pairs: RawBuilder<unknown>): RawBuilder<UsingService[]> => sql`(
  select coalesce(json_agg(json_build_object('id', using_service.id, 'name', using_service.name, 'serverName', server_name)
    order by using_service.name, server_name, using_service.id), '[]')
  from (
    select distinct services.id, services.name, coalesce(servers.name, '') as server_name
    from (${pairs}) pair
    join services on services.id = pair.service_id
    left join service_deployments placed on placed.service_id = pair.service_id
      and (pair.service_deployment_id is null or placed.id = pair.service_deployment_id)
    left join servers on servers.id = placed.server_id
  ) using_service)`;

const attachedTo = servicesOf(sql`select service_id, service_deployment_id from service_files where config_file_id = file.id`);

const filesNaming = (table: Keyed): RawBuilder<UsingConfigFile[]> => sql`(
  select coalesce(json_agg(json_build_object('id', file.id, 'name', file.name, 'filename', file.filename,
    'services', ${attachedTo}) order by file.name, file.id), '[]')
  from (
    select config_file_id from config_file_keys where ${named(table)}
    union
    select part.config_file_id from config_fragment_keys join config_file_fragments part using (fragment_id) where ${named(table)}
  ) use join config_files file on file.id = use.config_file_id)`;

const servicesNaming = (table: Keyed): RawBuilder<UsingService[]> =>
  servicesOf(sql`
    select service_id, null::uuid as service_deployment_id from service_keys where ${named(table)}
    union all
    select placed.service_id, placed.id
    from service_deployment_keys join service_deployments placed on placed.id = service_deployment_id where ${named(table)}`);

/** The computed columns for the rows of a table; scalar, so that no plan reads the keys of other environments for them. */
export const keyUses = (table: Keyed) =>
  [filesNaming(table).as('used_by_config_files'), servicesNaming(table).as('used_by_services')] as const;

/**
 * Whether anything uses the key of a row. The environment is given: where a plan gathers keys before it compares them, it
 * gathers those of one environment.
 */
export const isUsed = (table: Keyed, environmentId: string): RawBuilder<boolean> => {
  const here = sql`environment_id = ${environmentId} and key = ${sql.table(table)}.key`;
  return sql<boolean>`(exists (select from config_file_keys where ${here})
    or exists (select from config_fragment_keys join config_file_fragments using (fragment_id) where ${here})
    or exists (select from service_keys where ${here})
    or exists (select from service_deployment_keys where ${here}))`;
};
