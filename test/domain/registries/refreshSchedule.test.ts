import fc from 'fast-check';
import { nextRefreshAt } from '../../../src/domain/registries/refreshSchedule';

const now = new Date('2026-03-01T12:00:00Z');
const minutesUntil = (outcome: Partial<Parameters<typeof nextRefreshAt>[0]>) =>
  (nextRefreshAt({ now, intervalMinutes: 60, failures: 0, retryAt: null, jitter: 0, ...outcome }).getTime() - now.getTime()) /
  60_000;

test.each([
  ['after the interval', {}, 60],
  ['at most a tenth later', { jitter: 1 }, 66],
  ['at most a tenth earlier', { jitter: -1 }, 54],
  ['hourly without a connection', { intervalMinutes: null }, 60],
  ['spread there too', { intervalMinutes: null, jitter: -1 }, 54],
  ['sooner after a failure', { failures: 1 }, 10],
  ['twice as late after the next', { failures: 2 }, 20],
  ['at most four intervals after many', { failures: 9 }, 240],
  ['still four intervals after very many', { failures: 5000 }, 240],
  ['no later than four short intervals', { failures: 3, intervalMinutes: 5 }, 20],
  ['not before the host allows it', { failures: 1, retryAt: new Date('2026-03-01T14:00:00Z') }, 120],
  ['not sooner for a host that allows it at once', { failures: 1, retryAt: new Date('2026-03-01T12:01:00Z') }, 10],
])('%s', (_name, outcome, minutes) => {
  expect(minutesUntil(outcome)).toBeCloseTo(minutes);
});

test('a next time is never now, and never beyond four intervals', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 5, max: 10_080 }),
      fc.nat(200),
      fc.double({ min: -1, max: 1, noNaN: true }),
      (intervalMinutes, failures, jitter) => {
        const minutes = minutesUntil({ intervalMinutes, failures, jitter });
        expect(minutes).toBeGreaterThanOrEqual(4.5);
        expect(minutes).toBeLessThanOrEqual(intervalMinutes * 4);
      },
    ),
  );
});
