import { visible } from '../../domain/access/principal';
import { stateForbids } from '../../domain/errors';
import { operationHolds } from '../../domain/services/service';
import { deletePlacementRow, lockPlacement } from '../../store/serviceDeployments';
import { activeOperationOfPlacement, lockService } from '../../store/services';
import { type Handler, noContent } from '../handler';
import { recomputeImages } from '../services/recomputeImages';
import { toServiceDeployment } from './view';

/** The service is locked first, as its own deletion does it: that takes its placements along. */
export const deleteServiceDeployment: Handler<'deleteServiceDeployment'> = async (request, { tx, principal, audit }) => {
  const { id: serviceId, depId: id } = request.path;
  const service = visible(principal, await lockService(tx, serviceId), 'service', serviceId);
  const row = visible(principal, await lockPlacement(tx, serviceId, id), 'service deployment', id);
  request.precondition(row.version, () => toServiceDeployment(row));

  const active = await activeOperationOfPlacement(tx, serviceId, id);
  if (active) {
    throw stateForbids(
      operationHolds(active),
      { state: active.state, operationId: active.id },
      'Wait for its end, or cancel it with cancelOperation.',
    );
  }
  await deletePlacementRow(tx, id);
  await recomputeImages(tx, [service.container_image_id]);
  await audit({
    action: 'delete',
    resourceType: 'service_deployment',
    resourceId: id,
    resourceName: row.container_name,
    environmentId: row.environment_id,
  });
  return noContent();
};
