import type { UpstreamFailure } from '../../errors';

/** Staging takes no longer than this, tries and waits together. */
export const stagingLimitMs = 2 * 60_000;

const leastWaitMs = 3000;
/** With less time than this left, another try is none. */
const leastTryMs = 5000;

/** Whether a registry that failed so may do better soon. */
function mayPass({ reason, status = 0 }: UpstreamFailure): boolean {
  if (reason === 'bad_response') return status >= 500;
  return reason === 'timeout' || reason === 'connection_refused' || reason === 'rate_limited';
}

/**
 * How long to wait before staging is tried again, each time about twice as long as before; null when it has failed: the
 * registry will not do better, or not in time.
 */
export function nextTryInMs(
  failure: UpstreamFailure,
  { elapsedMs, limitMs, now }: { elapsedMs: number; limitMs: number; now: Date },
): number | null {
  if (!mayPass(failure)) return null;
  const asked = failure.retryAt === undefined ? 0 : Date.parse(failure.retryAt) - now.getTime();
  const waitMs = Math.max(leastWaitMs, elapsedMs, asked);
  return elapsedMs + waitMs + leastTryMs > limitMs ? null : waitMs;
}

/** Error of a build and its droplet, from what the registry did. */
export const stagingError = ({ reason, message }: Pick<UpstreamFailure, 'reason' | 'message'>): string =>
  `StagingError - ${reason}: ${message}`;

/** Of a build whose package is gone. */
export const packageGone = 'StagingError - not_found: The package was deleted before it was staged.';

/** Of a build whose droplet is gone. */
export const dropletGone = 'StagingError - not_found: The droplet was deleted while it was staged.';

/** Nobody stages a build for longer; whoever did was lost. */
export const lostAfterMinutes = 15;

/** Of a build that nobody ended. */
export const timeExpired = `StagingTimeExpired - Staging did not end within ${lostAfterMinutes} minutes.`;
