import { visible } from '../../domain/access/principal';
import { changeDetails } from '../../domain/changes';
import { attachmentsOfService, lockServiceFile, moveServiceFile } from '../../store/serviceFiles';
import { lockService } from '../../store/services';
import { type Handler, single } from '../handler';
import { requireFreePlace } from './requireFreePlace';
import { toOneServiceFile } from './view';

/** The service is locked first, as attaching does it. */
export const updateServiceFile: Handler<'updateServiceFile'> = async (request, { tx, principal, keyring, audit }) => {
  const { serviceId, fileId } = request.path;
  visible(principal, await lockService(tx, serviceId), 'service', serviceId);
  const row = visible(principal, await lockServiceFile(tx, serviceId, fileId), 'service file', fileId);
  const { targetPath = row.target_path } = request.body();
  const before = await toOneServiceFile(tx, keyring, row);
  request.precondition(row.version, () => before);
  if (targetPath === row.target_path) return single('serviceFile', before, row.version);

  const others = (await attachmentsOfService(tx, serviceId)).filter(({ id }) => id !== row.id);
  requireFreePlace(principal, { ...row, target_path: targetPath }, others);
  const saved = await moveServiceFile(tx, row, targetPath);
  await audit({
    action: 'update',
    resourceType: 'service_file',
    resourceId: row.id,
    resourceName: row.file.name,
    environmentId: row.environment_id,
    details: changeDetails({ targetPath: row.target_path }, { targetPath }, ['targetPath']),
  });
  return single('serviceFile', await toOneServiceFile(tx, keyring, saved), saved.version);
};
