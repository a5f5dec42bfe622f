import { seesEnvironment, visible } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { containing } from '../../store/list';
import { listServiceFileRows } from '../../store/serviceFiles';
import { findService } from '../../store/services';
import { type Handler, json } from '../handler';
import { toServiceFiles } from './view';

export const listServiceFiles: Handler<'listServiceFiles'> = async (request, { db, principal, keyring }) => {
  const { id } = request.path;
  const { query, page } = await request.page(async () => visible(principal, await findService(db, id), 'service', id));
  const found = await listServiceFileRows(db, page, {
    serviceId: id,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists || !seesEnvironment(principal, found.once.environmentId)) throw notFound('service', id);
  const files = await toServiceFiles(db, keyring, found.rows);
  return json({ files, total: found.total, nextCursor: found.nextCursor });
};
