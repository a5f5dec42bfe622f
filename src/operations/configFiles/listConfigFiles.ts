import { requireEnvironmentInReach } from '../../domain/access/principal';
import { syncStatusOf } from '../../domain/config/syncStatus';
import { notFound } from '../../domain/errors';
import * as store from '../../store/configFiles';
import type { Db } from '../../store/database';
import { requireEnvironment } from '../../store/environments';
import { targetsOfEnvironment } from '../../store/fileTargets';
import { containing } from '../../store/list';
import type { Keyring } from '../../store/sealing';
import { type Handler, json } from '../handler';
import { countsByFile } from './countsByFile';
import { toListedConfigFiles } from './view';

export const listConfigFiles: Handler<'listConfigFiles'> = async (request, { db, principal, keyring }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  const { query, page } = await request.page(() => requireEnvironment(db, envId));
  const found = await store.listConfigFiles(db, page, {
    environmentId: envId,
    name: query.name,
    filename: query.filename,
    language: query.language,
    statusOrId: query.syncStatus && (await statusOrIds(db, keyring, envId, query.syncStatus)),
    fragmentId: query.fragmentId,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists) throw notFound('environment', envId);
  const configFiles = await toListedConfigFiles(db, keyring, envId, found.rows);
  return json({ configFiles, total: found.total, nextCursor: found.nextCursor });
};

/**
 * What was delivered is compared with what would be rendered now, which no database can do: the files whose status depends on
 * it are chosen by their ids. The other statuses stay as they are.
 */
async function statusOrIds(db: Db, keyring: Keyring, environmentId: string, asked: readonly string[]): Promise<string[]> {
  const told = asked.filter((status) => status === 'never' || status === 'not_attached');
  if (told.length === asked.length) return told;
  const counts = await countsByFile(db, keyring, environmentId, await targetsOfEnvironment(db, environmentId));
  const ids = [...counts].filter(([, ofFile]) => {
    const status = syncStatusOf(ofFile);
    return status !== 'never' && asked.includes(status);
  });
  return [...told, ...ids.map(([id]) => id)];
}
