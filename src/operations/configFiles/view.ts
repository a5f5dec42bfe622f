import type { components } from '../../../generated/contract';
import { type SyncCounts, syncCountsOf, syncStatusOf } from '../../domain/config/syncStatus';
import type { VersionRow } from '../../store/configFileHistory';
import type { ConfigFileRow, ConfigFileWithText } from '../../store/configFiles';
import type { Db } from '../../store/database';
import type { Keyring } from '../../store/sealing';

import { countsByFile } from './countsByFile';

type Schemas = components['schemas'];

/** A file with everything but its content. */
const toListed = (row: ConfigFileRow, counts: SyncCounts): Schemas['ConfigFile'] => ({
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
  syncStatus: syncStatusOf(counts, row.attachments.length > 0),
  syncCounts: counts,
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

/** What clients see of the files of a list, all of one environment. Only those that were delivered anywhere are rendered for it. */
export async function toListedConfigFiles(
  db: Db,
  keyring: Keyring,
  environmentId: string,
  rows: readonly ConfigFileRow[],
): Promise<Schemas['ConfigFile'][]> {
  const targets = rows.flatMap((row) => row.targets);
  const counts = await countsByFile(db, keyring, environmentId, targets);
  return rows.map((row) => toListed(row, counts.get(row.id) ?? syncCountsOf([])));
}

/** What clients see of a file. */
export async function toConfigFile(db: Db, keyring: Keyring, row: ConfigFileWithText): Promise<Schemas['ConfigFile']> {
  const [listed] = await toListedConfigFiles(db, keyring, row.environment_id, [row]);
  return { ...(listed as Schemas['ConfigFile']), content: row.content ?? '' };
}

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
