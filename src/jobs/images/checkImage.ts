import { Problem } from '../../domain/errors';
import { enqueueCheckImage } from '../enqueue';
import type { WalkParts } from './walk';
import { walkImage } from './walkImage';

/** Walks one image by itself. When the worker ends first, another one does it. */
export async function checkImage(parts: WalkParts & { stopping: AbortSignal }, imageId: string): Promise<object> {
  const { database, stopping } = parts;
  try {
    const { newDigests, updatedDigests, error } = await walkImage(parts, imageId, { signal: stopping });
    return { imageId, newDigests, updatedDigests, error: error?.reason ?? null };
  } catch (error) {
    if (error instanceof Problem) return { imageId, end: error.kind };
    if (!stopping.aborted) throw error;
    await database.transact((tx) => enqueueCheckImage(tx, imageId));
    return { imageId, end: 'stopped' };
  }
}
