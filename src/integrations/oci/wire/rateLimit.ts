import { type AnswerHeaders, headerOf } from './exchange';

/** What an answer says of the rate limit of its host. */
export interface RateLimitNote {
  limit: number;
  remaining: number;
  /** Absent when the answer names neither a time nor a window. */
  resetAt: Date | null;
}

/**
 * Reads the forms in use: `RateLimit-Limit: 100;w=21600` (Docker Hub), `RateLimit: "default";r=50;t=30` with
 * `RateLimit-Policy` and its older single-header form (IETF), `X-RateLimit-*` with seconds or a time since 1970.
 */
export function rateLimitOf(headers: AnswerHeaders, now: Date): RateLimitNote | undefined {
  const of = (name: string) => headerOf(headers, name);
  const structured = of('ratelimit') ?? '';
  const policy = of('ratelimit-policy') ?? '';
  const limit = first(
    firstNumber(of('ratelimit-limit')),
    parameter(structured, 'limit'),
    parameter(policy, 'q'),
    firstNumber(policy),
    firstNumber(of('x-ratelimit-limit')),
  );
  const remaining = first(
    firstNumber(of('ratelimit-remaining')),
    parameter(structured, 'remaining'),
    parameter(structured, 'r'),
    firstNumber(of('x-ratelimit-remaining')),
  );
  if (limit === undefined || remaining === undefined || limit <= 0) return undefined;
  const reset = first(
    firstNumber(of('ratelimit-reset')),
    parameter(structured, 'reset'),
    parameter(structured, 't'),
    firstNumber(of('x-ratelimit-reset')),
    firstNumber(of('x-retry-after')),
    // The window is the longest that it can take.
    parameter(of('ratelimit-remaining') ?? of('ratelimit-limit') ?? '', 'w'),
    parameter(policy, 'w'),
  );
  return { limit, remaining, resetAt: reset === undefined ? null : momentOf(reset, now) };
}

/** Whether so little is left that only what must be asked is asked. */
export const isScarce = ({ limit, remaining }: { limit: number | null; remaining: number | null }): boolean =>
  limit !== null && remaining !== null && remaining * 10 < limit;

/** Small numbers are seconds from now, large ones seconds (or milliseconds) since 1970. */
function momentOf(reset: number, now: Date): Date | null {
  const at = reset > 1e12 ? reset : reset > 1e9 ? reset * 1000 : now.getTime() + reset * 1000;
  // A limit that comes back after more than a month is none that anybody can wait for.
  return at > now.getTime() + 31 * 86_400_000 ? null : new Date(at);
}

const first = (...values: (number | undefined)[]): number | undefined => values.find((value) => value !== undefined);

function firstNumber(text: string | undefined): number | undefined {
  const [, digits] = /^\s*(\d{1,15})(?:[\s;,.]|$)/.exec(text ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function parameter(text: string, name: string): number | undefined {
  const [, digits] = new RegExp(`(?:^|[;,\\s])${name}\\s*=\\s*(\\d{1,15})(?!\\d)`, 'i').exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
