import type { components } from '../../../generated/contract';
import type { Role } from '../../domain/access/scopes';
import type { ServiceAccountSettings } from '../../domain/serviceAccounts/serviceAccount';
import type { ServiceAccountRow } from '../../store/serviceAccounts';

type ServiceAccount = components['schemas']['ServiceAccount'];

/** What clients see of a service account. */
export function toServiceAccount(row: ServiceAccountRow): ServiceAccount {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    role: row.role as Role,
    disabled: row.disabled,
    createdBy: row.created_by,
    tokenCount: row.token_count,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** A stored service account as the domain sees it. */
export const settingsOf = (row: ServiceAccountRow): ServiceAccountSettings => ({
  description: row.description,
  role: row.role as Role,
  disabled: row.disabled,
});
