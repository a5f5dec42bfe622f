/** What decides when a connection, or an image without one, is looked at again. */
export interface RefreshOutcome {
  now: Date;
  /** Null for images without a connection. */
  intervalMinutes: number | null;
  /** Failures in a row, this one included; 0 after a good refresh. */
  failures: number;
  /** Nothing is sent to the host before. */
  retryAt: Date | null;
  /** A random number from -1 to 1, which spreads refreshes that fell due together. */
  jitter: number;
}

const intervalWithoutConnectionMinutes = 60;
const firstRetryMinutes = 5;
const jitterShare = 0.1;

/**
 * When to refresh next: after the interval give or take a tenth when all went well; after a failure at the double of the
 * last wait, from ten minutes up to four intervals, and not before the host allows it.
 */
export function nextRefreshAt({ now, intervalMinutes, failures, retryAt, jitter }: RefreshOutcome): Date {
  const interval = intervalMinutes ?? intervalWithoutConnectionMinutes;
  const minutes =
    failures > 0 ? Math.min(2 ** failures * firstRetryMinutes, interval * 4) : interval * (1 + jitterShare * jitter);
  return new Date(Math.max(now.getTime() + minutes * 60_000, retryAt?.getTime() ?? 0));
}
