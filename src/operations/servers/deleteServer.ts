import { visible } from '../../domain/access/principal';
import { inUse } from '../../domain/errors';
import { deleteServerRow, lockServer, placementsOnServer } from '../../store/servers';
import { type Handler, noContent } from '../handler';
import { toServer } from './view';

export const deleteServer: Handler<'deleteServer'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockServer(tx, id), 'server', id);
  request.precondition(row.version, () => toServer(row));

  const placed = await placementsOnServer(tx, id);
  if (placed[0]) {
    const references = placed.map(({ type, id: placementId, name }) => ({ type, id: placementId, name }));
    const hint = 'Delete these placements, or place the services elsewhere first.';
    throw inUse('Services are placed on this server.', references, placed[0].total, hint);
  }
  await deleteServerRow(tx, id);
  await audit({
    action: 'delete',
    resourceType: 'server',
    resourceId: id,
    resourceName: row.name,
    environmentId: row.environment_id,
  });
  return noContent();
};
