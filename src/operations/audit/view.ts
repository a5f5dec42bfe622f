import type { components } from '../../../generated/contract';
import type { AuditRow as Row } from '../../store/audit';

type AuditRow = components['schemas']['AuditRow'];

/** What clients see of an audit row. */
export function toAuditRow(row: Row): AuditRow {
  return {
    id: row.id,
    action: row.action,
    resourceType: row.resource_type,
    resourceId: row.resource_id,
    resourceName: row.resource_name,
    details: row.details as AuditRow['details'],
    success: row.success,
    error: row.error,
    createdAt: row.created_at,
    requestId: row.request_id,
    userId: row.user_id,
    environmentId: row.environment_id,
    apiTokenId: row.api_token_id,
    serviceAccountId: row.service_account_id,
    batchId: row.batch_id,
    user: actorOf(row),
    environment:
      row.environment_id !== null && row.environment_name !== null
        ? { id: row.environment_id, name: row.environment_name }
        : null,
  };
}

/** A service account shows as `getCurrentPrincipal` shows it: its own row may be gone, and its id alone tells nobody who it was. */
function actorOf(row: Row): AuditRow['user'] {
  const id = row.user_id ?? row.service_account_id;
  return id !== null && row.user_email !== null ? { id, email: row.user_email, name: row.user_name } : null;
}
