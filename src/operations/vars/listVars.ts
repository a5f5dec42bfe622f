import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { requireEnvironment } from '../../store/environments';
import { containing } from '../../store/list';
import * as store from '../../store/vars';
import { type Handler, json } from '../handler';
import { toVar } from './view';

export const listVars: Handler<'listVars'> = async (request, { db, principal }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  const { query, page } = await request.page(() => requireEnvironment(db, envId));
  const found = await store.listVars(db, page, {
    environmentId: envId,
    key: query.key,
    used: query.used,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists) throw notFound('environment', envId);
  return json({ vars: found.rows.map(toVar), total: found.total, nextCursor: found.nextCursor });
};
