import { visible } from '../../domain/access/principal';
import { findContainerImage } from '../../store/containerImages';
import { type Handler, json } from '../handler';
import { checkImage } from './checkImage';
import { toContainerImage } from './view';

export const checkContainerImageUpdates: Handler<'checkContainerImageUpdates'> = async (request, context) => {
  const { id } = request.path;
  const { db, principal } = context;
  const image = visible(principal, await findContainerImage(db, id), 'container image', id);
  const { retryFailed = false } = request.body();
  request.precondition(image.version, () => toContainerImage(image, image.connections));

  const outcome = await checkImage(context, { image, connections: image.connections }, retryFailed);
  const after = visible(principal, await findContainerImage(db, id), 'container image', id);
  return json({
    hasUpdate: outcome.hasUpdate,
    tagFilter: after.tag_filter,
    newestDigest: after.latest_manifest_digest,
    newDigests: outcome.newDigests,
    updatedDigests: outcome.updatedDigests,
    lastCheckedAt: outcome.lastCheckedAt,
  });
};
