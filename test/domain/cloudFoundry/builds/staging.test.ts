import { nextTryInMs, stagingLimitMs } from '../../../../src/domain/cloudFoundry/builds/staging';
import type { UpstreamFailure } from '../../../../src/domain/errors';

const now = new Date('2026-03-01T08:00:00Z');
const failure = (reason: UpstreamFailure['reason'], more: Partial<UpstreamFailure> = {}): UpstreamFailure => ({
  kind: 'registry',
  name: 'ghcr',
  host: 'ghcr.io',
  reason,
  message: 'It did not.',
  ...more,
});
const next = (of: UpstreamFailure, elapsedMs = 0) => nextTryInMs(of, { elapsedMs, limitMs: stagingLimitMs, now });

test.each(['unauthorized', 'forbidden', 'not_found', 'dns', 'tls', 'bad_response'] as const)('%s does not pass', (reason) => {
  expect(next(failure(reason))).toBeNull();
});

test.each(['timeout', 'connection_refused', 'rate_limited'] as const)('%s may pass', (reason) => {
  expect(next(failure(reason))).toBe(3000);
});

test('what a registry answers with 500 may pass, with 404 not', () => {
  expect(next(failure('bad_response', { status: 503 }))).toBe(3000);
  expect(next(failure('bad_response', { status: 404 }))).toBeNull();
});

test('tries stand further and further apart, and end within the limit', () => {
  const tries: number[] = [];
  for (let elapsed = 0; ; ) {
    const wait = next(failure('timeout'), elapsed);
    if (wait === null) break;
    elapsed += wait;
    tries.push(elapsed);
  }
  expect(tries).toEqual([3000, 6000, 12_000, 24_000, 48_000, 96_000]);
});

test('a registry that names a time is not asked before, nor waited for beyond the limit', () => {
  expect(next(failure('rate_limited', { retryAt: '2026-03-01T08:00:40Z' }))).toBe(40_000);
  expect(next(failure('rate_limited', { retryAt: '2026-03-01T09:00:00Z' }))).toBeNull();
});
