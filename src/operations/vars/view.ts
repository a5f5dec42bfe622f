import type { components } from '../../../generated/contract';
import type { VarRow } from '../../store/vars';

type Var = components['schemas']['Var'];

/** What clients see of a var. */
export function toVar(row: VarRow): Var {
  return {
    id: row.id,
    environmentId: row.environment_id,
    key: row.key,
    value: row.value,
    description: row.description,
    shadowedBySecret: row.shadowed_by_secret,
    valueUpdatedAt: row.value_updated_at,
    usedByConfigFiles: row.used_by_config_files,
    usedByServices: row.used_by_services,
    usageCount: row.used_by_config_files.length,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
