import { uuidv7 } from 'uuidv7';
import { visible } from '../../domain/access/principal';
import { stateForbids } from '../../domain/errors';
import { operationEvent } from '../../domain/events/told';
import { enqueueRefreshRegistry } from '../../jobs/enqueue';
import { recordEvents } from '../../store/events';
import { insertOperation, queuedOperationOf } from '../../store/operations';
import { lockRegistry } from '../../store/registries';
import { created, type Handler } from '../handler';
import { toOperation } from '../operations/view';
import { toRegistry } from './view';

const kind = 'registry.checkUpdates';

export const checkRegistryUpdates: Handler<'checkRegistryUpdates'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  // Locked, so that of two requests at once the second one sees what the first one queued.
  const row = visible(principal, await lockRegistry(tx, id), 'registry', id);
  const { retryFailed = false } = request.body();
  request.precondition(row.version, () => toRegistry(row));

  const queued = await queuedOperationOf(tx, id, kind);
  if (queued) {
    const hint = 'Follow it with getOperation.';
    throw stateForbids('A check of this connection is queued already.', { state: 'queued', operationId: queued.id }, hint);
  }
  const operation = await insertOperation(tx, {
    id: uuidv7(),
    kind,
    resourceType: 'registry',
    resourceId: id,
    environmentId: row.environment_id,
    parameters: { retryFailed },
    createdBy: principal,
  });
  await enqueueRefreshRegistry(tx, id);
  await recordEvents(tx, [operationEvent(operation)]);
  await audit({
    action: 'check_updates',
    resourceType: 'registry',
    resourceId: id,
    resourceName: row.name,
    environmentId: row.environment_id,
    details: { operationId: operation.id, retryFailed },
  });
  return created(`/api/operations/${operation.id}`, 'operation', toOperation(operation), operation.version);
};
