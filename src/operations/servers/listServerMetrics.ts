import { visible } from '../../domain/access/principal';
import { containing } from '../../store/list';
import * as store from '../../store/serverMetrics';
import { environmentOfServer } from '../../store/servers';
import { type Handler, json } from '../handler';
import { toServerSample } from './view';

export const listServerMetrics: Handler<'listServerMetrics'> = async (request, { db, principal }) => {
  const { id } = request.path;
  visible(principal, await environmentOfServer(db, id), 'server', id);
  const { query, page } = await request.page();
  const found = await store.listServerMetrics(db, page, {
    serverId: id,
    hours: query.hours as number,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  return json({ metrics: found.rows.map(toServerSample), total: found.total, nextCursor: found.nextCursor });
};
