import type { components } from '../../../generated/contract';
import type { OperationRow } from '../../store/operations';

type Operation = components['schemas']['Operation'];

/** What clients see of an operation. */
export function toOperation(row: OperationRow): Operation {
  const { resource_type: type, resource_id: resourceId, progress_total: total } = row;
  return {
    id: row.id,
    kind: row.kind,
    state: row.state as Operation['state'],
    resource: type !== null && resourceId !== null ? { type, id: resourceId } : null,
    environmentId: row.environment_id,
    progress: total === null ? null : { done: row.progress_done, total },
    createdBy: { type: row.created_by_type, id: row.created_by_id, name: row.created_by_name },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    cancelRequested: row.cancel_requested,
    result: row.result as Operation['result'],
    error: row.error as Operation['error'],
    warnings: row.warnings as Operation['warnings'],
  };
}
