import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import * as store from '../../store/configFiles';
import { requireEnvironment } from '../../store/environments';
import { containing } from '../../store/list';
import { type Handler, json } from '../handler';
import { toListedConfigFile } from './view';

export const listConfigFiles: Handler<'listConfigFiles'> = async (request, { db, principal }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  const { query, page } = await request.page(() => requireEnvironment(db, envId));
  const found = await store.listConfigFiles(db, page, {
    environmentId: envId,
    name: query.name,
    filename: query.filename,
    language: query.language,
    syncStatus: query.syncStatus,
    fragmentId: query.fragmentId,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists) throw notFound('environment', envId);
  return json({ configFiles: found.rows.map(toListedConfigFile), total: found.total, nextCursor: found.nextCursor });
};
