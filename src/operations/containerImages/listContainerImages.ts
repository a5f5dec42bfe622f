import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import * as store from '../../store/containerImages';
import { requireEnvironment } from '../../store/environments';
import { containing } from '../../store/list';
import { type Handler, json } from '../handler';
import { toContainerImage } from './view';

export const listContainerImages: Handler<'listContainerImages'> = async (request, { db, principal }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  const { query, page } = await request.page(() => requireEnvironment(db, envId));
  const found = await store.listContainerImages(db, page, {
    environmentId: envId,
    name: query.name,
    imageName: query.imageName,
    registryConnectionId: query.registryConnectionId,
    autoUpdate: query.autoUpdate,
    updateAvailable: query.updateAvailable,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists) throw notFound('environment', envId);
  const connections = found.once.connections ?? [];
  const images = found.rows.map((row) => toContainerImage(row, connections));
  return json({ images, total: found.total, nextCursor: found.nextCursor });
};
