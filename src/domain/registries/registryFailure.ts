import { Problem, type UpstreamFailure } from '../errors';

/** Nobody is helped by an immediate retry, nor by one in hours. */
const usualWaitSeconds = 30;

/**
 * What a client is told of a registry that did not do as asked: 503 when waiting may help, else 502.
 * @param more further members of `details`, such as the checks of a test
 */
export function problemOfRegistryFailure(
  failure: UpstreamFailure,
  hint: string,
  now: Date,
  more: Record<string, unknown> = {},
): Problem {
  const passes = failure.reason === 'rate_limited' || failure.reason === 'timeout';
  return new Problem(passes ? 'unavailable' : 'upstream_failed', {
    message: failure.message,
    hint,
    details: { upstream: failure, ...more },
    ...(passes ? { retryAfterSeconds: waitSeconds(failure.retryAt, now) } : {}),
  });
}

function waitSeconds(retryAt: string | undefined, now: Date): number {
  if (retryAt === undefined) return usualWaitSeconds;
  return Math.max(1, Math.ceil((Date.parse(retryAt) - now.getTime()) / 1000));
}

/** Failure of a registry that was not done when the time for it was over. */
export function timeIsOver(name: string, host: string): { failure: UpstreamFailure; hint: string } {
  const message = `${host} took too long to answer.`;
  return {
    failure: { kind: 'registry', name, host, reason: 'timeout', message },
    hint: 'Try again; if it stays slow, look whether the registry is overloaded or far away.',
  };
}
