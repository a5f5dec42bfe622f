import { RegistryFailure } from '../../integrations/oci/failure';
import { findDroplet, type LockedDroplet, lockDroplet, saveImageOfDroplet } from '../../store/cloudFoundry/droplets';
import type { Tx } from '../../store/database';
import { type ResolvedImage, type ResolveParts, resolveImage } from '../builds/resolveImage';
import { enqueueResolveDroplet } from '../enqueue';
import { followDroplet } from './followDroplet';

/** How a resolution ended: a registry's reason when it failed, `nothing` when the image has changed or needs none. */
export interface DropletResolution {
  dropletId: string;
  end: string;
}

const awaits = (droplet: { state: string; image: string | null; image_digest_id: string | null } | undefined): boolean =>
  droplet?.state === 'STAGED' && droplet.image !== null && droplet.image_digest_id === null;

/**
 * Finds the digest that the tag of a repointed droplet stands for. Where that fails, the digest stays unknown: the droplet
 * is what it was, and whoever rolls it out resolves it again. When the worker ends first, another one does it.
 */
export async function resolveDroplet(
  parts: ResolveParts & { stopping: AbortSignal },
  dropletId: string,
): Promise<DropletResolution> {
  const { database, stopping } = parts;
  const droplet = await findDroplet(database.db, dropletId);
  if (!droplet || !awaits(droplet)) return { dropletId, end: 'nothing' };
  const image = droplet.image as string;
  try {
    const resolved = await resolveImage(parts, {
      job: 'resolveDroplet',
      environmentId: droplet.environment_id,
      image,
      signal: stopping,
    });
    const isPinned = await database.transact((tx) => pin(tx, dropletId, image, resolved));
    parts.announce?.();
    return { dropletId, end: isPinned ? 'resolved' : 'nothing' };
  } catch (error) {
    if (stopping.aborted) {
      await database.transact((tx) => enqueueResolveDroplet(tx, dropletId));
      return { dropletId, end: 'stopped' };
    }
    if (!(error instanceof RegistryFailure)) throw error;
    return { dropletId, end: error.failure.reason };
  }
}

/** Only the text that was resolved is pinned: it may have been changed meanwhile. */
async function pin(tx: Tx, dropletId: string, image: string, { imageDigestId }: ResolvedImage): Promise<boolean> {
  const droplet: LockedDroplet | undefined = await lockDroplet(tx, dropletId, true);
  if (!droplet || !awaits(droplet) || droplet.image !== image) return false;
  await saveImageOfDroplet(tx, { id: dropletId, image, imageDigestId });
  if (droplet.is_current) {
    const app = { appId: droplet.service_id, containerImageId: droplet.app_container_image_id };
    await followDroplet(tx, app, { ...droplet, image_digest_id: imageDigestId });
  }
  return true;
}
