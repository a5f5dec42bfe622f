import type { components } from '../../../generated/contract';
import type { VersionRow } from '../../store/configFileHistory';
import type { ConfigFileRow, ConfigFileWithText } from '../../store/configFiles';

type Schemas = components['schemas'];

const syncCountsOf = ({ targets }: ConfigFileRow): Schemas['ConfigFile']['syncCounts'] => ({
  synced: 0,
  pending: targets.delivered,
  never: targets.total - targets.delivered,
  total: targets.total,
});

function syncStatusOf({ attachments, targets }: ConfigFileRow): Schemas['ConfigSyncStatus'] {
  if (attachments.length === 0) return 'not_attached';
  return targets.delivered === 0 ? 'never' : 'pending';
}

/** What clients see of a file in a list: everything but its content. */
export const toListedConfigFile = (row: ConfigFileRow): Schemas['ConfigFile'] => ({
  id: row.id,
  environmentId: row.environment_id,
  name: row.name,
  filename: row.filename,
  content: '',
  description: row.description,
  isBinary: row.is_binary,
  mimeType: row.mime_type,
  fileSize: row.file_size,
  autoResync: row.auto_resync,
  language: row.language,
  includedFragments: row.fragments.map(({ fragmentId, position, name, description }) => ({
    fragmentId,
    position,
    fragment: { id: fragmentId, name, description },
  })),
  checksum: row.checksum,
  syncStatus: syncStatusOf(row),
  syncCounts: syncCountsOf(row),
  missingKeys: row.missing_keys,
  services: row.attachments.map((attached) => ({
    id: attached.id,
    targetPath: attached.targetPath,
    kind: attached.serviceDeploymentId === null ? 'base' : 'override',
    lastSyncedAt: attached.lastSyncedAt,
    serviceDeploymentId: attached.serviceDeploymentId,
    service: { id: attached.serviceId, name: attached.serviceName },
  })),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** What clients see of a file. */
export const toConfigFile = (row: ConfigFileWithText): Schemas['ConfigFile'] => ({
  ...toListedConfigFile(row),
  content: row.content ?? '',
});

/** What clients see of a former content. */
export const toVersion = (row: VersionRow): Schemas['ConfigFileVersion'] => ({
  id: row.id,
  content: row.content ?? '',
  isBinary: row.is_binary,
  fileSize: row.file_size,
  checksum: row.checksum,
  editedAt: row.edited_at,
  editedBy: row.edited_by,
});
