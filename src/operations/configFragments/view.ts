import type { components } from '../../../generated/contract';
import type { ConfigFragmentRow } from '../../store/configFragments';

type ConfigFragment = components['schemas']['ConfigFragment'];

/** What clients see of a fragment. */
export const toConfigFragment = (row: ConfigFragmentRow): ConfigFragment => ({
  id: row.id,
  environmentId: row.environment_id,
  name: row.name,
  description: row.description,
  content: row.content,
  usedByCount: row.used_by.length,
  usedBy: row.used_by.map((use) => ({
    configFileId: use.configFileId,
    configFileName: use.configFileName,
    configFileFilename: use.configFileFilename,
    position: use.position,
    services: use.services.map(({ serviceId, serviceName }) => ({ serviceId, serviceName })),
  })),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
