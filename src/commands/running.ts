import type { Logger } from 'pino';

/** A command that goes on until it is stopped. */
export interface Running {
  /** Finishes what runs, and ends. Calling it again waits for the same end. */
  stop(): Promise<void>;
}

/** What was begun last ends first; one that fails to end does not keep the others from it. */
export function unwinding(log: Logger): Running & { onStop(close: () => Promise<unknown>): void } {
  const closers: (() => Promise<unknown>)[] = [];
  let stopped: Promise<void> | undefined;
  const unwind = async () => {
    log.info('stopping');
    for (const close of closers.reverse()) await close().catch((error: unknown) => log.error({ err: error }, 'closing failed'));
    log.info('stopped');
    log.flush();
  };
  return {
    onStop: (close) => void closers.push(close),
    stop() {
      stopped ??= unwind();
      return stopped;
    },
  };
}
