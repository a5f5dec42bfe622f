import type { Standing } from '../../domain/images/standing';
import type { RegistryFailure } from '../../integrations/oci/failure';
import { forgetAttempts } from '../../store/autoUpdates';
import type { Tx } from '../../store/database';
import { saveSightings } from '../../store/imageSightings';
import { type CheckError, endWalk, lockWalk } from '../../store/imageWalks';
import { findRegistry } from '../../store/registries';
import { accessKey } from '../registryAccess';
import { recordAutoUpdates } from './autoUpdate';
import type { ReadResult } from './readImage';
import { type Recomputed, recomputeImage } from './recompute';
import { movedCount, sightingsOf } from './sightings';
import type { KeptOutcome, Subject, WalkOutcome } from './walk';

/** Why a walk must not write: another one has taken over, or what it read by was changed meanwhile. */
type Dropped = 'lost' | 'edited';

/** Locks the image, and looks whether the walk may still write. */
async function guardWalk(tx: Tx, { image, runId, connection }: Subject): Promise<Dropped | undefined> {
  const guard = await lockWalk(tx, image.id);
  if (guard?.run_id !== runId) return 'lost';
  if (guard.version !== image.version) return 'edited';
  if (!connection) return undefined;
  const row = await findRegistry(tx, connection.id);
  return row && accessKey(row) === connection.accessKey ? undefined : 'edited';
}

export interface WriteOptions {
  autoUpdateMinAgeMinutes: number;
  retryFailed: boolean;
  at: string;
  nextInMs: number;
  /** That the reading took. */
  requests: number;
}

/** Stores what a walk saw, and everything that follows from it, in the caller's transaction. */
export async function writeWalk(
  tx: Tx,
  subject: Subject,
  reading: ReadResult,
  options: WriteOptions,
): Promise<WalkOutcome | Dropped> {
  const dropped = await guardWalk(tx, subject);
  if (dropped) return dropped;
  const { image } = subject;
  const sightings = sightingsOf(image.digests, reading);
  const newDigests = await saveSightings(tx, image.id, sightings);
  if (options.retryFailed) await forgetAttempts(tx, [image.id]);
  const recomputed = (await recomputeImage(tx, image.id)) as Recomputed;
  await recordAutoUpdates(tx, image.id, recomputed, options.autoUpdateMinAgeMinutes);
  const { standing } = recomputed;
  const unknown = { reason: 'order_unknown', message: orderUnknown };
  const fault = reading.gap ?? (standing.orderUnknown ? unknown : null);
  const outcome: WalkOutcome = {
    ...newestOf(recomputed),
    newDigests,
    updatedDigests: movedCount(image.digests, sightings),
    lastCheckedAt: options.at,
    partial: reading.gap !== null,
    error: fault && { ...fault, at: options.at },
    failure: null,
    requests: options.requests,
  };
  await endWalk(tx, {
    id: image.id,
    checkedAt: options.at,
    error: outcome.error,
    nextInMs: options.nextInMs,
    failures: 0,
    outcome: { ...outcome, runId: subject.runId } satisfies KeptOutcome,
  });
  return outcome;
}

/** What is newest of an image, and of those services that follow other tags of it. */
const newestOf = ({ standing, newestDigest }: Recomputed) => ({
  hasUpdate: standing.updateAvailable,
  newestDigestId: standing.newestId,
  newestDigest,
  bestTag: standing.latestTag,
  otherwise: otherwiseIn(standing),
});

const otherwiseIn = ({ newestId, services }: Standing): WalkOutcome['otherwise'] =>
  services
    .filter((service) => service.newestId !== newestId)
    .map((service) => ({ serviceId: service.id, newestDigestId: service.newestId, bestTag: service.latestTag }));

const orderUnknown = 'Which of the tags is newest cannot be told from their names, nor yet from when they appeared.';

export interface Failed {
  error: CheckError;
  failure: RegistryFailure | null;
  failures: number;
  nextInMs: number;
  requests: number;
}

/** Notes that an image could not be read; what was known of it stays. */
export async function writeFailure(tx: Tx, subject: Subject, failed: Failed): Promise<WalkOutcome | Dropped> {
  const dropped = await guardWalk(tx, subject);
  if (dropped) return dropped;
  const { image, runId } = subject;
  const { error, failure, failures, nextInMs, requests } = failed;
  const recomputed = (await recomputeImage(tx, image.id)) as Recomputed;
  const { facts } = recomputed;
  const outcome: WalkOutcome = {
    ...newestOf(recomputed),
    newDigests: 0,
    updatedDigests: 0,
    lastCheckedAt: facts.last_checked_at ?? error.at,
    partial: true,
    error,
    failure,
    requests,
  };
  const kept: KeptOutcome = { ...outcome, runId, failure: failure && { failure: failure.failure, hint: failure.hint } };
  await endWalk(tx, { id: image.id, checkedAt: null, error, nextInMs, failures, outcome: kept });
  return outcome;
}
