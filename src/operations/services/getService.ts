import { visible } from '../../domain/access/principal';
import { findService } from '../../store/services';
import { type Handler, single } from '../handler';
import { toService } from './view';

export const getService: Handler<'getService'> = async ({ path }, { db, principal }) => {
  const service = visible(principal, await findService(db, path.id), 'service', path.id);
  return single('service', toService(service, service.connections), service.version);
};
