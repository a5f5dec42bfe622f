/** How often and how patiently a call is tried. */
export interface RetryOptions {
  /** Tries in all; 1 is no retry. */
  attempts?: number | undefined;
  /** The first pause, which doubles with each try. */
  baseDelayMs?: number | undefined;
  /** The longest pause. A `Retry-After` that is longer is not waited for. */
  maxDelayMs?: number | undefined;
}

export type Retries = { [Name in keyof RetryOptions]-?: number };

export const standardRetries: Retries = { attempts: 4, baseDelayMs: 250, maxDelayMs: 60_000 };

/** The options that are given over those that are there. */
export function retriesOf(given: RetryOptions | false | undefined, standard: Retries): Retries {
  if (given === false) return { ...standard, attempts: 1 };
  const { attempts, baseDelayMs, maxDelayMs } = given ?? {};
  return {
    attempts: attempts ?? standard.attempts,
    baseDelayMs: baseDelayMs ?? standard.baseDelayMs,
    maxDelayMs: maxDelayMs ?? standard.maxDelayMs,
  };
}

/** The pause behind a failed try. Half of it is chance, so that clients that failed together do not come again together. */
export function backOffMs(tried: number, { baseDelayMs, maxDelayMs }: Retries, chance: number = Math.random()): number {
  const whole = Math.min(maxDelayMs, baseDelayMs * 2 ** (tried - 1));
  return whole / 2 + (whole / 2) * chance;
}

/** What `Retry-After` asks for: seconds, or a date. */
export function retryAfterMs(headers: Headers, now: number = Date.now()): number | undefined {
  const written = headers.get('retry-after')?.trim();
  if (!written) return undefined;
  if (/^\d+$/.test(written)) return Number(written) * 1000;
  const at = Date.parse(written);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

export interface Try {
  /** How many were made, this one included. */
  tried: number;
  /** Made twice, the call does what it does made once. */
  repeatable: boolean;
  /** What came: a status with headers, or nothing, because the connection failed. */
  answer: Response | undefined;
}

/** How long to wait before the next try; undefined: there is none. */
export function pauseMs({ tried, repeatable, answer }: Try, retries: Retries): number | undefined {
  if (tried >= retries.attempts) return undefined;
  const pause = backOffMs(tried, retries);
  if (!answer) return repeatable ? pause : undefined;
  const asked = retryAfterMs(answer.headers);
  const again = answer.status === 429 || (repeatable && (answer.status === 503 || isStillRunning(answer, tried, asked)));
  if (!again || (asked !== undefined && asked > retries.maxDelayMs)) return undefined;
  // Not before the time, and not all at that time.
  return asked === undefined ? pause : asked + Math.min(pause, asked / 10);
}

/** The first try goes on where its answer was lost: the key is taken until it ends. */
const isStillRunning = ({ status }: Response, tried: number, asked: number | undefined): boolean =>
  status === 409 && tried > 1 && asked !== undefined;

/** Waits, unless the signal ends it; then throws its reason. */
export function pause(ms: number, signal?: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const ended = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', ended);
      resolve();
    }, ms);
    signal?.addEventListener('abort', ended, { once: true });
  });
}
