import { type Problem, stateForbids } from '../../domain/errors';
import { shownHost } from '../../domain/registries/connectionFor';
import { problemOfRegistryFailure, timeIsOver } from '../../domain/registries/registryFailure';
import { RegistryFailure } from '../../integrations/oci/failure';
import { enqueueCheckImage } from '../../jobs/enqueue';
import type { WalkOutcome } from '../../jobs/images/walkImage';
import { forgetAttempts } from '../../store/autoUpdates';
import type { ImageFacts } from '../../store/containerImages';
import type { EnvironmentConnection } from '../../store/registries';
import type { OutsideContext } from '../handler';
import { clientGone, isGone } from '../registries/upstream';
import { accessOfImage } from './imageAccess';

interface Checked {
  image: ImageFacts;
  connections: readonly EnvironmentConnection[];
}

/**
 * Walks an image now, or joins the walk that is under way, and says who asked. What was found, and what failed, is
 * stored by the walk; a failure is answered too.
 */
export async function checkImage(context: OutsideContext, checked: Checked, retryFailed: boolean): Promise<WalkOutcome> {
  const { signal, db, keyring } = context;
  const { image, connections } = checked;
  const { access } = await accessOfImage(db, keyring, image, connections);
  const outcome = await walk(context, image.id, retryFailed);
  if (isGone(signal)) throw clientGone();
  const isLate = outcome === 'late';
  const problem = isLate ? lateProblem(access.name, shownHost(access), context.now()) : problemOf(outcome, context.now());
  await context.transact(async ({ tx, audit }) => {
    // What took too long for an answer is done behind it.
    if (isLate) {
      await enqueueCheckImage(tx, image.id);
      if (retryFailed) await forgetAttempts(tx, [image.id]);
    }
    await audit({
      action: 'check_updates',
      resourceType: 'container_image',
      resourceId: image.id,
      resourceName: image.name,
      environmentId: image.environment_id,
      details: { retryFailed },
      success: problem === null,
      ...(problem ? { error: problem.message } : {}),
    });
  });
  if (problem) throw problem;
  return outcome as WalkOutcome;
}

/** A walk that a signal ended throws whatever the signal says. */
async function walk({ walkImage, signal, requestId }: OutsideContext, id: string, retryFailed: boolean) {
  try {
    return await walkImage(id, { signal, requestId, retryFailed });
  } catch (error) {
    if (!signal.aborted) throw error;
    return 'late';
  }
}

function lateProblem(name: string, host: string, now: Date): Problem {
  const { failure } = timeIsOver(name, host);
  return problemOfRegistryFailure(failure, 'The check goes on in the background; look at lastCheckedAt of the image.', now);
}

function problemOf({ failure }: WalkOutcome, now: Date): Problem | null {
  if (failure === null) return null;
  if (!(failure instanceof RegistryFailure)) return null;
  if (failure.cutOff) return lateProblem(failure.failure.name, failure.failure.host, now);
  return problemOfRegistryFailure(failure.failure, failure.hint, now);
}

/** 409 for a service without an image. */
export const noImage = (): Problem =>
  stateForbids('This service has no image yet.', { state: 'no_image' }, 'Give it one with updateService and containerImageId.');
