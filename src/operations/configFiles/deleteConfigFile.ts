import { visible } from '../../domain/access/principal';
import { inUse } from '../../domain/errors';
import { deleteConfigFileRow, lockConfigFile, servicesOfFile } from '../../store/configFiles';
import { type Handler, noContent } from '../handler';
import { toConfigFile } from './view';

export const deleteConfigFile: Handler<'deleteConfigFile'> = async (request, { tx, principal, keyring, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockConfigFile(tx, id), 'config file', id);
  const present = await toConfigFile(tx, keyring, row);
  request.precondition(row.version, () => present);

  const users = await servicesOfFile(tx, id);
  if (users.length > 0) {
    const references = users.map(({ type, id: serviceId, name }) => ({ type, id: serviceId, name }));
    const hint = 'Detach it with detachServiceFile first.';
    throw inUse('Services have this file attached.', references, users[0]?.total ?? 0, hint);
  }
  await deleteConfigFileRow(tx, id);
  await audit({
    action: 'delete',
    resourceType: 'config_file',
    resourceId: id,
    resourceName: row.name,
    environmentId: row.environment_id,
  });
  return noContent();
};
