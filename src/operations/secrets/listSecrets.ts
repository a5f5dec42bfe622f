import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { requireEnvironment } from '../../store/environments';
import { containing } from '../../store/list';
import * as store from '../../store/secrets';
import { type Handler, json } from '../handler';
import { toSecret } from './view';

export const listSecrets: Handler<'listSecrets'> = async (request, { db, principal }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  const { query, page } = await request.page(() => requireEnvironment(db, envId));
  const found = await store.listSecrets(db, page, {
    environmentId: envId,
    key: query.key,
    used: query.used,
    neverReveal: query.neverReveal,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists) throw notFound('environment', envId);
  return json({ secrets: found.rows.map(toSecret), total: found.total, nextCursor: found.nextCursor });
};
