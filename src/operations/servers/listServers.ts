import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { requireEnvironment } from '../../store/environments';
import { containing } from '../../store/list';
import * as store from '../../store/servers';
import { type Handler, json } from '../handler';
import { toServer } from './view';

export const listServers: Handler<'listServers'> = async (request, { db, principal }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  const { query, page } = await request.page(() => requireEnvironment(db, envId));
  const found = await store.listServers(db, page, {
    environmentId: envId,
    name: query.name,
    hostname: query.hostname,
    status: query.status,
    tag: query.tag,
    clusterId: query.clusterId,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists) throw notFound('environment', envId);
  return json({ servers: found.rows.map(toServer), total: found.total, nextCursor: found.nextCursor });
};
