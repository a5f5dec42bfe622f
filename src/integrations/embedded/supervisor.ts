import { setTimeout as delay } from 'node:timers/promises';
import { endPostmaster, launch, type Postmaster, type Setup } from './postmaster';
import { isAlive } from './processes';

const attempts = 20;
const longestPauseMs = 2000;
/** A server that lived this long after a restart was well; only quicker deaths add up. */
const wellAfterMs = 10_000;
const pollMs = 200;
const stopPatienceMs = 60_000;

/** The pause before an attempt (counted from 1): 0, 20, 40, 80 ms and so on up to two seconds. */
export function pauseBefore(attempt: number): number {
  return attempt <= 1 ? 0 : Math.min(longestPauseMs, 10 * 2 ** (attempt - 1));
}

/** Keeps a server running on its port: one that ends without being asked to is started again. */
export class Supervisor {
  private readonly abort = new AbortController();
  private failures = 0;
  private startedAt = Date.now();
  private recovering: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly setup: Setup,
    private current: Postmaster,
    private readonly onGivenUp: (error: Error) => void,
  ) {
    this.watch();
  }

  get pid(): number {
    return this.current.process.pid;
  }

  /** Ends the server and the supervision. Repeatable. */
  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    this.abort.abort();
    await this.recovering;
    await endPostmaster(this.current.process, stopPatienceMs);
  }

  private watch(): void {
    const watched = this.current;
    if (watched.ended) {
      void watched.ended.then(() => this.lost());
      return;
    }
    const poll = setInterval(() => {
      if (!this.abort.signal.aborted && isAlive(watched.process)) return;
      clearInterval(poll);
      this.lost();
    }, pollMs).unref();
  }

  private lost(): void {
    if (this.abort.signal.aborted) return;
    this.setup.log('the embedded Postgres ended unexpectedly', { pid: this.pid });
    if (Date.now() - this.startedAt > wellAfterMs) this.failures = 0;
    this.recovering = this.recover();
  }

  private async recover(): Promise<void> {
    let last: unknown;
    while (++this.failures <= attempts) {
      const attempt = this.failures;
      try {
        await delay(pauseBefore(attempt), undefined, { ref: false, signal: this.abort.signal });
        this.current = await launch(this.setup, this.current.port, this.abort.signal);
        this.startedAt = Date.now();
        this.setup.log('the embedded Postgres is back', { pid: this.pid, port: this.current.port, attempt });
        return this.watch();
      } catch (error) {
        if (this.abort.signal.aborted) return;
        last = error;
        this.setup.log('restarting the embedded Postgres failed', { attempt, error: (error as Error).message });
      }
    }
    const message = `The embedded Postgres ended and could not be restarted in ${attempts} attempts.`;
    const given = new Error(message, { cause: last });
    this.setup.log(given.message);
    this.onGivenUp(given);
  }
}
