import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { requireEnvironment } from '../../store/environments';
import { containing } from '../../store/list';
import * as store from '../../store/services';
import { type Handler, json } from '../handler';
import { toService } from './view';

export const listServices: Handler<'listServices'> = async (request, { db, principal }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  const { query, page } = await request.page(() => requireEnvironment(db, envId));
  const found = await store.listServices(db, page, {
    environmentId: envId,
    name: query.name,
    containerImageId: query.containerImageId,
    serviceTypeId: query.serviceTypeId,
    serverId: query.serverId,
    healthStatus: query.healthStatus,
    updateAvailable: query.updateAvailable,
    drifted: query.drifted,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists) throw notFound('environment', envId);
  const connections = found.once.connections ?? [];
  const services = found.rows.map((row) => toService(row, connections));
  return json({ services, total: found.total, nextCursor: found.nextCursor });
};
