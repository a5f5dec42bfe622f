import { type RawBuilder, sql } from 'kysely';
import { type TargetStatus, targetStatusOf } from '../domain/config/syncStatus';
import type { Db } from './database';
import { deliverableChecksums } from './renderedFiles';
import type { Keyring } from './sealing';
import { statement } from './statement';

/** A placement with an attachment that is in effect on it, and what was delivered there last. */
export interface FileTarget {
  config_file_id: string;
  service_file_id: string;
  service_deployment_id: string;
  /** Checksum of the rendered file; null before the first delivery. */
  delivered: string | null;
}

// An override replaces what the base has for the same file, and what it has at the same path.
const targets = (of: RawBuilder<unknown>) => sql<FileTarget>`
  select attached.config_file_id, attached.id as service_file_id, placed.id as service_deployment_id, delivered.checksum as delivered
  from service_files attached
  join service_deployments placed on placed.service_id = attached.service_id
    and (placed.id = attached.service_deployment_id or attached.service_deployment_id is null)
  left join service_file_deliveries delivered
    on delivered.service_file_id = attached.id and delivered.service_deployment_id = placed.id
  where ${of} and not (attached.service_deployment_id is null and exists (
    select from service_files override where override.service_deployment_id = placed.id
      and (override.config_file_id = attached.config_file_id or override.place = attached.place)))`;

/** The targets of the attachments that a condition on `attached` chooses, as one JSON column. */
export const targetsWhere = (condition: RawBuilder<unknown>): RawBuilder<FileTarget[]> =>
  sql<FileTarget[]>`(select coalesce(json_agg(target), '[]') from (${targets(condition)}) as target)`;

const ofEnvironment = statement<{ id: string }, FileTarget>((_, v) =>
  targets(sql`attached.config_file_id in (select id from config_files where environment_id = ${v.id}::uuid)`),
);

/** The targets of all config files of an environment, for lists that choose by status. */
export const targetsOfEnvironment = (db: Db, id: string): Promise<FileTarget[]> => ofEnvironment.all(db, { id });

/**
 * The status of each target, exactly and without rendering everything: a target that nothing was delivered to is `never`
 * whatever its file says, so only files with a delivery among these targets are read and rendered, each once. All of them are
 * files of one environment, and a file is the same on every placement.
 */
export async function statusesOf(
  db: Db,
  keyring: Keyring,
  environmentId: string,
  found: readonly FileTarget[],
): Promise<(FileTarget & { status: TargetStatus })[]> {
  const delivered = new Set(found.filter((target) => target.delivered !== null).map((target) => target.config_file_id));
  const checksums = await deliverableChecksums(db, keyring, environmentId, [...delivered]);
  return found.map((target) => ({
    ...target,
    status: targetStatusOf(target.delivered, checksums.get(target.config_file_id) ?? null),
  }));
}
