import { recomputeImage } from '../../jobs/images/recompute';
import type { Tx } from '../../store/database';

/**
 * Recomputes the images that a service came to or left: whether an update is there depends on the services of an image.
 * Always in the same order, so that two such writes cannot wait for each other. Gives whether there was any.
 */
export async function recomputeImages(tx: Tx, ids: readonly (string | null)[]): Promise<boolean> {
  const concerned = [...new Set(ids)].filter((id) => id !== null).sort();
  for (const id of concerned) await recomputeImage(tx, id);
  return concerned.length > 0;
}
