import type { components } from '../../../../generated/contract';
import { jobErrorOf } from '../../../domain/cloudFoundry/deletion';
import { type JobKind, jobKinds, jobStateOf } from '../../../domain/cloudFoundry/job';
import type { OperationState } from '../../../domain/operations/operation';
import type { JobRow } from '../../../store/cloudFoundry/jobs';
import { v3Time } from '../times';

type Job = components['schemas']['V3Job'];

/** What clients of /v3 see of an operation. */
export function toJob(row: JobRow, publicUrl: string): Job {
  const operation = row.kind as JobKind;
  const type = jobKinds[operation];
  const resource = row.resource_exists ? { [type]: { href: `${publicUrl}/v3/${type}s/${row.resource_id}` } } : {};
  return {
    guid: row.id,
    created_at: v3Time(row.created_at),
    updated_at: v3Time(row.updated_at),
    operation,
    state: jobStateOf(row.state as OperationState),
    errors: errorsOf(row),
    warnings: (row.warnings as { message: string }[]).map(({ message }) => ({ detail: message })),
    links: { self: { href: `${publicUrl}/v3/jobs/${row.id}` }, ...resource },
  };
}

function errorsOf({ state, error }: JobRow): Job['errors'] {
  if (error !== null) return [jobErrorOf(error as { code: string; message: string })];
  return state === 'cancelled' ? [jobErrorOf({ code: 'CONFLICT', message: 'The job was cancelled' })] : [];
}
