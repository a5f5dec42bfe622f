import { seesEnvironment, visible } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { environmentOfImage } from '../../store/containerImages';
import * as store from '../../store/linkableServices';
import { containing } from '../../store/list';
import { type Handler, json } from '../handler';
import { toLinkableService } from './view';

export const listLinkableServices: Handler<'listLinkableServices'> = async (request, { db, principal }) => {
  const { id } = request.path;
  const { query, page } = await request.page(async () =>
    visible(principal, await environmentOfImage(db, id), 'container image', id),
  );
  const q = query.q === undefined ? undefined : containing(query.q);
  const found = await store.listLinkableServices(db, page, { imageId: id, q });
  if (!found.parentExists || !seesEnvironment(principal, found.once.environmentId)) throw notFound('container image', id);
  return json({ services: found.rows.map(toLinkableService), total: found.total, nextCursor: found.nextCursor });
};
