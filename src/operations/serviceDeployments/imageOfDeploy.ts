import type { ComposeImage } from '../../domain/config/compose';
import { stateForbids } from '../../domain/errors';
import { parseReference } from '../../domain/images/reference';
import type { Db } from '../../store/database';
import { digestOfTag } from '../../store/imageDigests';
import type { ServiceRow } from '../../store/services';

/**
 * What a deploy of a service would run, as far as it is known without asking a registry: of a tag that is given, else the
 * current droplet, else of the service's channel. 409 for a service that has neither image nor droplet.
 */
export async function imageOfDeploy(db: Db, service: ServiceRow, tag: string | undefined): Promise<ComposeImage> {
  const pinned = tag === undefined && service.pinned_image !== null ? parseReference(service.pinned_image) : undefined;
  if (pinned && 'value' in pinned) {
    const { repository, tag: written, digest } = pinned.value;
    return {
      repository,
      tag: written ?? service.pinned_tag ?? service.image_tag,
      digest: digest ?? service.pinned_digest,
    };
  }
  if (!service.image) {
    const hint = 'Give it a containerImageId, or build a droplet for it.';
    throw stateForbids('This service has no container image yet.', { state: 'no_image' }, hint);
  }
  const channel = tag ?? service.image_tag;
  return { repository: service.image.repository, tag: channel, digest: await digestOfTag(db, service.image.id, channel) };
}
