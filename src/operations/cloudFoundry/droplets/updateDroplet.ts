import { updatable } from '../../../domain/cloudFoundry/droplets/access';
import { imageProblems, requireRepointable } from '../../../domain/cloudFoundry/droplets/image';
import { applyMetadata, changedKeys, metadataChangeOf } from '../../../domain/cloudFoundry/metadata';
import { resourceNotFound } from '../../../domain/cloudFoundry/problem';
import { followDroplet } from '../../../jobs/droplets/followDroplet';
import {
  type DropletRow,
  findDroplet,
  type LockedDroplet,
  lockDroplet,
  touchDroplet,
} from '../../../store/cloudFoundry/droplets';
import { saveMetadata } from '../../../store/cloudFoundry/metadata';
import { json, type WriteContext } from '../../handler';
import type { V3Handler } from '../handler';
import { pinDroplet } from './spaceImages';
import { startDataFor, toDroplet } from './view';

export const updateDroplet: V3Handler<'updateDroplet'> = async (request, context) => {
  const { tx, principal, audit, publicUrl } = context;
  const namesImage = request.names('image');
  const found = updatable(principal, await findDroplet(tx, request.path.guid), namesImage);
  const { image, metadata } = request.body(imageProblems);
  const droplet = await lockDroplet(tx, found.id, namesImage);
  if (!droplet) throw resourceNotFound('Droplet');
  if (image !== undefined) requireRepointable({ state: droplet.state, isCurrent: droplet.is_current }, image);
  const change = metadataChangeOf(metadata);
  applyMetadata(droplet, change);

  await saveMetadata(tx, 'droplet', droplet.id, change);
  if (image !== undefined) await repoint(context, droplet, image || null);
  await touchDroplet(tx, droplet.id);
  const saved = (await findDroplet(tx, droplet.id)) as DropletRow;
  await audit({
    action: image === undefined ? 'update' : 'repoint',
    resourceType: 'droplet',
    resourceId: droplet.id,
    resourceName: droplet.app_name,
    environmentId: droplet.environment_id,
    details: {
      cfType: 'audit.app.droplet.update',
      appGuid: droplet.service_id,
      changed: Object.keys(request.body()),
      before: { image: droplet.image },
      after: { image: saved.image },
      metadata: changedKeys(change),
    },
  });
  return json(toDroplet(saved, publicUrl(), startDataFor(principal)));
};

/** Points a locked droplet, whose app is locked too, at another image; null takes it away. */
async function repoint(context: WriteContext, droplet: LockedDroplet, image: string | null): Promise<void> {
  const imageDigestId = await pinDroplet(context, droplet, image);
  if (!droplet.is_current) return;
  const { service_id: appId, app_container_image_id: containerImageId } = droplet;
  await followDroplet(context.tx, { appId, containerImageId }, { ...droplet, image, image_digest_id: imageDigestId });
}
