import { setTimeout as delay } from 'node:timers/promises';
import { notFound } from '../../domain/errors';
import { RegistryFailure } from '../../integrations/oci/failure';
import type { Db } from '../../store/database';
import { walkState } from '../../store/imageWalks';
import type { KeptOutcome, WalkOutcome } from './walk';

const firstLookMs = 50;
const lastLookMs = 500;

/**
 * Waits for the end of the walk that has the image, on whatever replica it runs, and gives its outcome. undefined when
 * there is none to wait for any more, or it came to no end of its own.
 */
export async function joinWalk(db: Db, imageId: string, signal: AbortSignal | undefined): Promise<WalkOutcome | undefined> {
  let joined: string | undefined;
  for (let waitMs = firstLookMs; ; waitMs = Math.min(waitMs * 1.5, lastLookMs)) {
    const state = await walkState(db, imageId);
    if (!state) throw notFound('container image', imageId);
    joined ??= state.run_id ?? undefined;
    if (joined === undefined) return undefined;
    if (!state.running || state.run_id !== joined) {
      const kept = state.outcome as KeptOutcome | null;
      return kept?.runId === joined ? outcomeOf(kept) : undefined;
    }
    await delay(waitMs, undefined, signal ? { signal } : {});
  }
}

function outcomeOf({ runId: _, failure: kept, ...outcome }: KeptOutcome): WalkOutcome {
  if (!kept) return { ...outcome, failure: null };
  const { name, host, reason, message, status, retryAt } = kept.failure;
  const at = retryAt === undefined ? undefined : new Date(retryAt);
  return { ...outcome, failure: new RegistryFailure(name, host, { reason, message, status, retryAt: at, hint: kept.hint }) };
}
