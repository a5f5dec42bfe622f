import type { components } from '../../../generated/contract';
import { kindOf } from '../../domain/config/serviceFile';
import { syncCountsOf, syncStatusOf, type TargetStatus } from '../../domain/config/syncStatus';
import type { Db } from '../../store/database';
import { statusesOf } from '../../store/fileTargets';
import type { Keyring } from '../../store/sealing';
import type { ServiceFileRow } from '../../store/serviceFiles';

type ServiceFile = components['schemas']['ServiceFile'];

/** What clients see of attachments of one environment. */
export async function toServiceFiles(db: Db, keyring: Keyring, rows: readonly ServiceFileRow[]): Promise<ServiceFile[]> {
  const [first] = rows;
  if (!first) return [];
  const targets = await statusesOf(
    db,
    keyring,
    first.environment_id,
    rows.flatMap((row) => row.targets),
  );
  const byAttachment = new Map<string, TargetStatus[]>(rows.map(({ id }) => [id, []]));
  for (const { service_file_id, status } of targets) byAttachment.get(service_file_id)?.push(status);
  return rows.map((row) => toServiceFile(row, byAttachment.get(row.id) ?? []));
}

/** What clients see of one attachment. */
export const toOneServiceFile = async (db: Db, keyring: Keyring, row: ServiceFileRow): Promise<ServiceFile> =>
  (await toServiceFiles(db, keyring, [row]))[0] as ServiceFile;

function toServiceFile(row: ServiceFileRow, statuses: readonly TargetStatus[]): ServiceFile {
  const { id, name, filename, description, isBinary, mimeType, fileSize } = row.file;
  return {
    id: row.id,
    environmentId: row.environment_id,
    serviceId: row.service_id,
    configFileId: row.config_file_id,
    serviceDeploymentId: row.service_deployment_id,
    kind: kindOf(row.service_deployment_id),
    targetPath: row.target_path,
    lastSyncedAt: row.last_synced_at,
    syncStatus: syncStatusOf(syncCountsOf(statuses)) as ServiceFile['syncStatus'],
    configFile: { id, name, filename, description, isBinary, mimeType, fileSize },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
