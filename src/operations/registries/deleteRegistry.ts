import { visible } from '../../domain/access/principal';
import { inUse } from '../../domain/errors';
import { operationEvent } from '../../domain/events/told';
import { hostsOfImages } from '../../domain/registries/connectionFor';
import { recordEvents } from '../../store/events';
import { cancelOperationsOf } from '../../store/operationRuns';
import { planChecksUnder } from '../../store/refreshPlans';
import { deleteRegistryRow, imagesOfRegistry, lockRegistry } from '../../store/registries';
import { type Handler, noContent } from '../handler';
import { settingsOf } from './settings';
import { toRegistry } from './view';

const deleted = { code: 'registry_deleted', message: 'The connection was deleted before this operation ended.' };

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
  const ended = await cancelOperationsOf(tx, 'registry', id, deleted);
  await recordEvents(tx, ended.map(operationEvent));
  planChecksUnder(tx, row.environment_id, hostsOfImages(settingsOf(row)));
  await audit({
    action: 'delete',
    resourceType: 'registry',
    resourceId: id,
    resourceName: row.name,
    environmentId: row.environment_id,
  });
  return noContent();
};
