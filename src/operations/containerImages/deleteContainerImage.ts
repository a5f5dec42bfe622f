import { visible } from '../../domain/access/principal';
import { inUse } from '../../domain/errors';
import { deleteContainerImageRow, lockContainerImage } from '../../store/containerImages';
import { type Handler, noContent } from '../handler';
import { toContainerImage } from './view';

export const deleteContainerImage: Handler<'deleteContainerImage'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockContainerImage(tx, id), 'container image', id);
  request.precondition(row.version, () => toContainerImage(row, row.connections));

  if (row.service_count > 0) {
    const hint = 'Link these services to another image, or delete them.';
    const users = row.services.map(({ id: serviceId, name }) => ({ type: 'service', id: serviceId, name }));
    throw inUse('Services use this image.', users, row.service_count, hint);
  }
  await deleteContainerImageRow(tx, id);
  await audit({
    action: 'delete',
    resourceType: 'container_image',
    resourceId: id,
    resourceName: row.name,
    environmentId: row.environment_id,
  });
  return noContent();
};
