import { visible } from '../../domain/access/principal';
import { deleteServiceFileRow, lockServiceFile } from '../../store/serviceFiles';
import { lockService } from '../../store/services';
import { type Handler, noContent } from '../handler';
import { toOneServiceFile } from './view';

export const detachServiceFile: Handler<'detachServiceFile'> = async (request, { tx, principal, keyring, audit }) => {
  const { serviceId, fileId } = request.path;
  visible(principal, await lockService(tx, serviceId), 'service', serviceId);
  const row = visible(principal, await lockServiceFile(tx, serviceId, fileId), 'service file', fileId);
  const present = await toOneServiceFile(tx, keyring, row);
  request.precondition(row.version, () => present);
  await deleteServiceFileRow(tx, row.id);
  await audit({
    action: 'delete',
    resourceType: 'service_file',
    resourceId: row.id,
    resourceName: row.file.name,
    environmentId: row.environment_id,
  });
  return noContent();
};
