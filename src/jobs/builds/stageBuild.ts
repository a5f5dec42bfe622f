import { nextTryInMs, packageGone, stagingError, stagingLimitMs } from '../../domain/cloudFoundry/builds/staging';
import { timeIsOver } from '../../domain/registries/registryFailure';
import { RegistryFailure } from '../../integrations/oci/failure';
import { openPassword } from '../../store/cloudFoundry/packagePassword';
import { findStaging, type Staging } from '../../store/cloudFoundry/staging';
import type { Keyring } from '../../store/sealing';
import { enqueueStageBuild } from '../enqueue';
import { type EndParts, endFailed, endStaged } from './endBuild';
import { type ResolvedImage, type ResolveParts, resolveImage } from './resolveImage';

/** What builds are staged with; times are for tests. */
export interface StageParts extends ResolveParts, EndParts {
  /** The worker ends: what runs is cut off, and taken up by the next one. */
  stopping: AbortSignal;
  now(): Date;
  announce(): void;
  /** For all tries and waits together. */
  stageLimitMs?: number;
}

/** `waiting`: it is tried again. `done`: there was nothing left to do. */
export interface StageReport {
  buildId: string;
  end: 'staged' | 'failed' | 'waiting' | 'done';
}

/**
 * Stages a build: its package's image is resolved, and fills its droplet. It may run twice, also at once: whoever ends the
 * build first has ended it. A registry that may do better soon is asked again, for as long as there is time.
 */
export async function stageBuild(parts: StageParts, buildId: string): Promise<StageReport> {
  const build = await findStaging(parts.database.db, buildId);
  if (!build) return { buildId, end: 'done' };
  if (build.image === null) return { buildId, end: (await endFailed(parts, build, packageGone)) ?? 'done' };
  const found = await resolve(parts, build, build.image);
  if (found === 'stopped') return tryAgain(parts, buildId, 0);
  if ('failure' in found) return endOrTryAgain(parts, build, found.failure);
  return { buildId, end: (await endStaged(parts, build, found)) ?? 'done' };
}

type Failed = { failure: RegistryFailure['failure'] };

async function resolve(parts: StageParts, build: Staging, image: string): Promise<ResolvedImage | Failed | 'stopped'> {
  const { stageLimitMs = stagingLimitMs } = parts;
  // A build that had to wait for a worker gets its time all the same.
  const leftMs = stageLimitMs - build.elapsed_ms;
  const limit = AbortSignal.timeout(Math.max(1, Math.round(leftMs > 0 ? leftMs : stageLimitMs)));
  try {
    const signal = AbortSignal.any([parts.stopping, limit]);
    const { environment_id: environmentId, username } = build;
    const password = passwordOf(parts.keyring, build);
    return await resolveImage(parts, {
      job: 'stageBuild',
      environmentId,
      image,
      username,
      password,
      signal,
      requestId: `req_${build.id}`,
    });
  } catch (error) {
    if (!(error instanceof RegistryFailure)) throw error;
    if (parts.stopping.aborted && error.cutOff) return 'stopped';
    const { name, host } = error.failure;
    return error.cutOff && limit.aborted ? timeIsOver(name, host) : { failure: error.failure };
  }
}

function passwordOf(keyring: Keyring, { package_id: rowId, password_sealed: sealed, username }: Staging): string | null {
  if (sealed === null || username === null) return null;
  try {
    return openPassword(keyring, rowId, sealed);
  } catch (cause) {
    throw new RegistryFailure('package', '', {
      reason: 'unauthorized',
      message: 'The credentials of the package cannot be opened with the keys of this process.',
      hint: 'Put the key that sealed them back into PORTOLAN_MASTER_KEYS, or set the credentials again.',
      cause,
      connected: false,
    });
  }
}

async function endOrTryAgain(parts: StageParts, build: Staging, failure: RegistryFailure['failure']): Promise<StageReport> {
  const { database, now, stageLimitMs: limitMs = stagingLimitMs } = parts;
  // What it took to find out counts.
  const elapsedMs = (await findStaging(database.db, build.id))?.elapsed_ms ?? build.elapsed_ms;
  const inMs = nextTryInMs(failure, { elapsedMs, limitMs, now: now() });
  if (inMs !== null) return tryAgain(parts, build.id, inMs);
  return { buildId: build.id, end: (await endFailed(parts, build, stagingError(failure))) ?? 'done' };
}

async function tryAgain({ database, now }: StageParts, buildId: string, inMs: number): Promise<StageReport> {
  const runAt = new Date(now().getTime() + inMs).toISOString();
  await database.transact((tx) => enqueueStageBuild(tx, buildId, runAt));
  return { buildId, end: 'waiting' };
}
