import type { UpstreamFailure } from '../../../src/domain/errors';
import { problemOfRegistryFailure, timeIsOver } from '../../../src/domain/registries/registryFailure';

const now = new Date('2026-03-01T08:00:00.000Z');
const failure = (reason: UpstreamFailure['reason'], more: Partial<UpstreamFailure> = {}): UpstreamFailure => ({
  kind: 'registry',
  name: 'ghcr',
  host: 'ghcr.io',
  reason,
  message: 'It did not work.',
  ...more,
});

describe('what a client is told of a registry that failed', () => {
  test.each(['unauthorized', 'forbidden', 'not_found', 'connection_refused', 'dns', 'tls', 'bad_response'] as const)(
    '%s: the registry failed, and nobody knows when it will not',
    (reason) => {
      const problem = problemOfRegistryFailure(failure(reason, { status: 500 }), 'Mend it.', now);
      expect([problem.kind, problem.retryAfterSeconds]).toEqual(['upstream_failed', undefined]);
      expect(problem).toMatchObject({ message: 'It did not work.', hint: 'Mend it.' });
      expect(problem.details).toEqual({ upstream: failure(reason, { status: 500 }) });
    },
  );

  test.each([
    ['rate_limited', undefined, 30],
    ['timeout', undefined, 30],
    ['rate_limited', '2026-03-01T08:15:00.000Z', 900],
    ['rate_limited', '2026-03-01T08:00:00.001Z', 1],
    ['rate_limited', '2026-03-01T07:00:00.000Z', 1],
  ] as const)('%s until %s: try again in %d seconds', (reason, retryAt, seconds) => {
    const problem = problemOfRegistryFailure(failure(reason, retryAt === undefined ? {} : { retryAt }), 'Wait.', now);
    expect([problem.kind, problem.retryAfterSeconds]).toEqual(['unavailable', seconds]);
  });

  test('further details stand beside it', () => {
    expect(problemOfRegistryFailure(failure('dns'), '', now, { checks: [] }).details).toEqual({
      upstream: failure('dns'),
      checks: [],
    });
  });

  test('a registry that is too slow has a timeout', () => {
    expect(timeIsOver('ghcr', 'ghcr.io').failure).toMatchObject({ name: 'ghcr', host: 'ghcr.io', reason: 'timeout' });
  });
});
