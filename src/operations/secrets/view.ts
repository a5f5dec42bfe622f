import type { components } from '../../../generated/contract';
import type { SecretRow } from '../../store/secrets';

type Secret = components['schemas']['Secret'];

/** What clients see of a secret, which is all but its value. */
export function toSecret(row: SecretRow): Secret {
  return {
    id: row.id,
    environmentId: row.environment_id,
    key: row.key,
    description: row.description,
    neverReveal: row.never_reveal,
    valueUpdatedAt: row.value_updated_at,
    usedByConfigFiles: row.used_by_config_files,
    usedByServices: row.used_by_services,
    usageCount: row.used_by_config_files.length,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
