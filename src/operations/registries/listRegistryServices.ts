import { visible } from '../../domain/access/principal';
import { containing } from '../../store/list';
import { findRegistry, listRegistryServices as listServices } from '../../store/registries';
import { type Handler, json } from '../handler';
import { toRegistryService } from './view';

export const listRegistryServices: Handler<'listRegistryServices'> = async (request, { db, principal }) => {
  const { id } = request.path;
  visible(principal, await findRegistry(db, id), 'registry', id);
  const { query, page } = await request.page();
  const found = await listServices(db, page, { registryId: id, q: query.q === undefined ? undefined : containing(query.q) });
  return json({ services: found.rows.map(toRegistryService), total: found.total, nextCursor: found.nextCursor });
};
