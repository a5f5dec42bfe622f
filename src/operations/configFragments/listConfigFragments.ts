import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import * as store from '../../store/configFragments';
import { requireEnvironment } from '../../store/environments';
import { containing } from '../../store/list';
import { type Handler, json } from '../handler';
import { toConfigFragment } from './view';

export const listConfigFragments: Handler<'listConfigFragments'> = async (request, { db, principal }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  const { query, page } = await request.page(() => requireEnvironment(db, envId));
  const found = await store.listConfigFragments(db, page, {
    environmentId: envId,
    name: query.name,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists) throw notFound('environment', envId);
  return json({ fragments: found.rows.map(toConfigFragment), total: found.total, nextCursor: found.nextCursor });
};
