import { seesEnvironment, visible } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { containing } from '../../store/list';
import * as store from '../../store/serverServices';
import { environmentOfServer } from '../../store/servers';

import { type Handler, json } from '../handler';
import { toServiceOnServer } from './view';

export const listServerServices: Handler<'listServerServices'> = async (request, { db, principal }) => {
  const { serverId } = request.path;
  const { query, page } = await request.page(async () =>
    visible(principal, await environmentOfServer(db, serverId), 'server', serverId),
  );
  const found = await store.listServerServices(db, page, {
    serverId,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists || !seesEnvironment(principal, found.once.environmentId)) throw notFound('server', serverId);
  const connections = found.once.connections ?? [];
  const services = found.rows.map((row) => toServiceOnServer(row, connections));
  return json({ services, total: found.total, nextCursor: found.nextCursor });
};
