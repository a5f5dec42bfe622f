import { visible } from '../../domain/access/principal';
import { listVersions } from '../../store/configFileHistory';
import { findConfigFile } from '../../store/configFiles';
import { type Handler, json } from '../handler';
import { toVersion } from './view';

export const listConfigFileHistory: Handler<'listConfigFileHistory'> = async (request, { db, principal }) => {
  const { id } = request.path;
  visible(principal, await findConfigFile(db, id), 'config file', id);
  const { page } = await request.page();
  const found = await listVersions(db, page, id);
  return json({ history: found.rows.map(toVersion), total: found.total, nextCursor: found.nextCursor });
};
