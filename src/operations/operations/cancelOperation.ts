import { changeable } from '../../domain/access/resourceScopes';
import { operationEvent } from '../../domain/events/told';
import { cancellation, type OperationState } from '../../domain/operations/operation';
import { recordEvents } from '../../store/events';
import { endQueuedOperation, lockOperation, requestCancellation } from '../../store/operations';
import { type Handler, single } from '../handler';
import { toOperation } from './view';

export const cancelOperation: Handler<'cancelOperation'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  const row = changeable(principal, await lockOperation(tx, id), 'operation', id);
  request.precondition(row.version, () => toOperation(row));

  const location = `/api/operations/${id}`;
  const { state, cancellable, cancel_requested: cancelRequested } = row;
  const effect = cancellation({ state: state as OperationState, cancellable, cancelRequested });
  if (effect === 'nothing') return { ...single('operation', toOperation(row), row.version), location };
  const saved = effect === 'end' ? await endQueuedOperation(tx, id) : await requestCancellation(tx, id);
  await recordEvents(tx, [operationEvent(saved)]);
  const resource =
    row.resource_type === null
      ? { resourceType: 'operation', resourceId: id, resourceName: row.kind }
      : { resourceType: row.resource_type, resourceId: row.resource_id, resourceName: row.resource_name };
  await audit({
    action: 'cancel',
    ...resource,
    environmentId: row.environment_id,
    details: { operationId: id, kind: row.kind, state: saved.state },
  });
  return { ...single('operation', toOperation(saved), saved.version), location };
};
