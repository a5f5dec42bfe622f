import { visible } from '../../domain/access/principal';
import { findServiceFile } from '../../store/serviceFiles';
import { type Handler, single } from '../handler';
import { toOneServiceFile } from './view';

export const getServiceFile: Handler<'getServiceFile'> = async ({ path }, { db, principal, keyring }) => {
  const row = visible(principal, await findServiceFile(db, path.serviceId, path.fileId), 'service file', path.fileId);
  return single('serviceFile', await toOneServiceFile(db, keyring, row), row.version);
};
