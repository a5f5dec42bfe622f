import { visible } from '../../domain/access/principal';
import { stateForbids } from '../../domain/errors';
import { operationHolds } from '../../domain/services/service';
import { activeOperationOf, deleteServiceRow, lockService } from '../../store/services';
import { type Handler, noContent } from '../handler';
import { recomputeImages } from './recomputeImages';
import { toService } from './view';

export const deleteService: Handler<'deleteService'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockService(tx, id), 'service', id);
  request.precondition(row.version, () => toService(row, row.connections));

  const active = await activeOperationOf(tx, id);
  if (active) {
    throw stateForbids(
      operationHolds(active),
      { state: active.state, operationId: active.id },
      'Wait for its end, or cancel it with cancelOperation.',
    );
  }
  await deleteServiceRow(tx, id);
  await recomputeImages(tx, [row.container_image_id]);
  await audit({
    action: 'delete',
    resourceType: 'service',
    resourceId: id,
    resourceName: row.name,
    environmentId: row.environment_id,
  });
  return noContent();
};
