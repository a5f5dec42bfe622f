import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { requireEnvironment } from '../../store/environments';
import { containing } from '../../store/list';
import * as store from '../../store/registries';
import { type Handler, json } from '../handler';
import { toRegistry } from './view';

export const listRegistries: Handler<'listRegistries'> = async (request, { db, principal }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  const { query, page } = await request.page(() => requireEnvironment(db, envId));
  const found = await store.listRegistries(db, page, {
    environmentId: envId,
    name: query.name,
    type: query.type,
    isDefault: query.isDefault,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists) throw notFound('environment', envId);
  return json({ registries: found.rows.map(toRegistry), total: found.total, nextCursor: found.nextCursor });
};
