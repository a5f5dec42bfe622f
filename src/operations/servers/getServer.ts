import { visible } from '../../domain/access/principal';
import { findServer } from '../../store/servers';
import { type Handler, single } from '../handler';
import { toServer } from './view';

export const getServer: Handler<'getServer'> = async (request, { db, principal }) => {
  const { id } = request.path;
  const row = visible(principal, await findServer(db, id), 'server', id);
  request.query();
  return single('server', toServer(row), row.version);
};
