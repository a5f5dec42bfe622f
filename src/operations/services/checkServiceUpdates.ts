import { visible } from '../../domain/access/principal';
import { currentTagOfService, findService } from '../../store/services';
import { checkImage, noImage } from '../containerImages/checkImage';
import { type Handler, json } from '../handler';
import { toService } from './view';

export const checkServiceUpdates: Handler<'checkServiceUpdates'> = async (request, context) => {
  const { id } = request.path;
  const { db, principal } = context;
  const service = visible(principal, await findService(db, id), 'service', id);
  request.precondition(service.version, () => toService(service, service.connections));
  if (!service.image) throw noImage();

  const outcome = await checkImage(context, { image: service.image, connections: service.connections }, false);
  const newest = outcome.otherwise.find(({ serviceId }) => serviceId === id) ?? outcome;
  const after = visible(principal, await findService(db, id), 'service', id);
  return json({
    hasUpdate: after.update_available,
    currentTag: await currentTagOfService(db, id),
    bestTag: newest.bestTag,
    newestDigestId: newest.newestDigestId,
    lastUpdateCheckAt: outcome.lastCheckedAt,
  });
};
