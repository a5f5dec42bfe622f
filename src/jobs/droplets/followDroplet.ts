import { referenceOf, repositoryAsGiven } from '../../domain/cloudFoundry/droplets/image';
import { saveImageOfApp } from '../../store/cloudFoundry/currentDroplets';
import { imageOfDigest } from '../../store/cloudFoundry/dropletImages';
import type { Tx } from '../../store/database';
import { chooseConnection } from '../builds/resolveImage';
import { recomputeImage } from '../images/recompute';

/** What a droplet is pinned to. */
export interface Pinned {
  environment_id: string;
  image: string | null;
  image_digest_id: string | null;
}

/** The container image that a droplet is of; null while its space has none of that repository. */
export async function containerImageOf(tx: Tx, { environment_id, image, image_digest_id }: Pinned): Promise<string | null> {
  const ofDigest = image_digest_id === null ? undefined : await imageOfDigest(tx, image_digest_id);
  if (ofDigest !== undefined) return ofDigest;
  const reference = referenceOf(image);
  if (!reference) return null;
  const chosen = await chooseConnection(tx, environment_id, repositoryAsGiven(reference), reference.repository);
  return chosen.containerImageId;
}

/** An app whose current droplet is pinned to something else than before. Its row is locked. */
export interface Repinned {
  appId: string;
  containerImageId: string | null;
}

/**
 * Lets an app use the container image that its current droplet is of by now, and computes again what follows from the
 * pin for the image that it leaves and the one that it comes to.
 */
export async function followDroplet(tx: Tx, { appId, containerImageId }: Repinned, droplet: Pinned): Promise<void> {
  const now = (await containerImageOf(tx, droplet)) ?? containerImageId;
  if (now !== null && now !== containerImageId) await saveImageOfApp(tx, appId, now);
  await recomputePinned(tx, [containerImageId, now]);
}

/** Computes images again, always in the same order, so that two such transactions do not wait for each other. */
export async function recomputePinned(tx: Tx, ids: readonly (string | null)[]): Promise<void> {
  for (const id of [...new Set(ids)].filter((one) => one !== null).sort()) await recomputeImage(tx, id);
}
