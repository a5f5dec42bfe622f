import { seesEnvironment, visible } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { containing } from '../../store/list';
import { listPlacements } from '../../store/serviceDeployments';
import { findService } from '../../store/services';
import { type Handler, json } from '../handler';
import { toServiceDeployment } from './view';

export const listServiceDeployments: Handler<'listServiceDeployments'> = async (request, { db, principal }) => {
  const { id } = request.path;
  const { query, page } = await request.page(async () => visible(principal, await findService(db, id), 'service', id));
  const found = await listPlacements(db, page, {
    serviceId: id,
    serverId: query.serverId,
    status: query.status,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists || !seesEnvironment(principal, found.once.environmentId)) throw notFound('service', id);
  return json({ deployments: found.rows.map(toServiceDeployment), total: found.total, nextCursor: found.nextCursor });
};
