import { uuidv7 } from 'uuidv7';
import type { Principal } from '../../domain/access/principal';
import type { DeletionKind } from '../../domain/cloudFoundry/deletion';
import { operationEvent } from '../../domain/events/told';
import type { Tx } from '../../store/database';
import { recordEvents } from '../../store/events';
import { insertOperation, queuedOperationOf } from '../../store/operations';
import { enqueueDeletion } from '../enqueue';

export interface NewDeletion {
  kind: DeletionKind;
  resourceType: 'droplet' | 'package' | 'service';
  resourceId: string;
  /** For the audit, which outlives the resource. */
  resourceName: string | null;
  environmentId: string;
  principal: Principal;
  /** Of the request that asked for it. */
  requestId: string;
}

/**
 * Queues the deletion of a resource whose row the caller has locked; gives the id of its operation, which is the job
 * under /v3. Asking again while it waits is asking once.
 */
export async function startDeletion(tx: Tx, deletion: NewDeletion): Promise<string> {
  const { kind, resourceType, resourceId, resourceName, environmentId, principal, requestId } = deletion;
  const queued = await queuedOperationOf(tx, resourceId, kind);
  if (queued) return queued.id;
  const { kind: actorKind, id, email, name, credential } = principal;
  const operation = await insertOperation(tx, {
    id: uuidv7(),
    kind,
    resourceType,
    resourceId,
    environmentId,
    parameters: { resourceName, requestId, actor: { kind: actorKind, id, email, name, credential } },
    createdBy: principal,
    cancellable: false,
  });
  await enqueueDeletion(tx, operation.id);
  await recordEvents(tx, [operationEvent(operation)]);
  return operation.id;
}
