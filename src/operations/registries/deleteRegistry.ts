import { visible } from '../../domain/access/principal';
import { inUse } from '../../domain/errors';
import { deleteRegistryRow, imagesOfRegistry, lockRegistry } from '../../store/registries';
import { type Handler, noContent } from '../handler';
import { planMovedImages } from './movedImages';
import { settingsOf } from './settings';
import { toRegistry } from './view';

export const deleteRegistry: Handler<'deleteRegistry'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockRegistry(tx, id), 'registry', id);
  request.precondition(row.version, () => toRegistry(row));

  const users = await imagesOfRegistry(tx, id);
  if (users.length > 0) {
    const references = users.map(({ type, id: imageId, name }) => ({ type, id: imageId, name }));
    const hint = 'Link these images to another connection, or clear their registryConnectionId.';
    throw inUse('Container images are linked to this connection.', references, users[0]?.total ?? 0, hint);
  }
  await deleteRegistryRow(tx, id);
  planMovedImages(tx, row.environment_id, [settingsOf(row)]);
  await audit({
    action: 'delete',
    resourceType: 'registry',
    resourceId: id,
    resourceName: row.name,
    environmentId: row.environment_id,
  });
  return noContent();
};
