import { Problem } from '../../domain/errors';
import type { RegistryAccess } from '../../integrations/oci/access';
import type { ServableImage } from '../../store/registryRefreshes';
import { eachOf } from '../eachOf';
import { type WalkOptions, type WalkOutcome, walkImage } from '../images/walkImage';
import { ConnectionVerdict } from './connectionFailure';
import type { Progress } from './progress';
import type { ImageResult, RefreshParts, Round } from './refresh';

interface Work {
  images: readonly ServableImage[];
  access: RegistryAccess;
  progress: Progress;
  signal: AbortSignal;
  requestId: string;
}

const imagesAtATime = 4;

/**
 * Walks images until they are through, the connection fails, the operation is to be cancelled, or the signal ends it. An
 * internal failure stops the rest and is thrown.
 */
export async function walkAll(parts: RefreshParts, { images, access, progress, signal, requestId }: Work): Promise<Round> {
  const verdict = new ConnectionVerdict(parts.registryClient, access, { signal, requestId });
  const round: Round = { requestId, results: [], connectionFailure: null, requests: 0 };
  if (images.length === 0) {
    // Without anything to read, "ok" would say nothing.
    round.connectionFailure = await verdict.test();
    return round;
  }
  const isOver = () => signal.aborted || progress.cancelRequested || round.connectionFailure !== null;
  await eachOf(images, parts.imagesAtATime ?? imagesAtATime, async (image) => {
    if (isOver()) return;
    const outcome = await walkOne(parts, image.id, { signal, requestId, retryFailed: progress.retryFailed });
    if (outcome === undefined) return;
    round.requests += outcome.requests;
    if (outcome.failure) {
      const failure = await verdict.of(outcome.failure);
      round.connectionFailure ??= failure;
    } else verdict.wasGood();
    round.results.push(resultOf(image, outcome));
    await progress.note(round.results.length);
  });
  return round;
}

/** undefined: cut off, or there is no such image any more. */
async function walkOne(parts: RefreshParts, imageId: string, options: WalkOptions): Promise<WalkOutcome | undefined> {
  try {
    return await walkImage(parts, imageId, options);
  } catch (error) {
    if (options.signal?.aborted || error instanceof Problem) return undefined;
    throw error;
  }
}

const resultOf = ({ id, name }: ServableImage, { hasUpdate, bestTag, error, failure, partial }: WalkOutcome): ImageResult => {
  return { imageId: id, name, hasUpdate, bestTag, error, failed: failure !== null || error?.reason === 'host_mismatch', partial };
};
