import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { requireEnvironment } from '../../store/environments';
import { containing } from '../../store/list';
import * as store from '../../store/serviceTypeCounts';
import { type Handler, json } from '../handler';

export const listServiceTypeCounts: Handler<'listServiceTypeCounts'> = async (request, { db, principal }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  const { query, page } = await request.page(() => requireEnvironment(db, envId));
  const q = query.q === undefined ? undefined : containing(query.q);
  const found = await store.listServiceTypeCounts(db, page, { environmentId: envId, q });
  if (!found.parentExists) throw notFound('environment', envId);
  const types = found.rows.map((row) => ({ id: row.id, displayName: row.display_name, count: row.service_count }));
  return json({ types, total: found.total, nextCursor: found.nextCursor });
};
