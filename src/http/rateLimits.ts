import { RateLimiterMemory, type RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../domain/errors';
import type { Headers } from './respond';

export interface RateLimitOptions {
  /** Requests a minute of one principal. */
  perPrincipal: number;
  /** Requests a minute of one address without a valid credential. */
  perAddress: number;
  /** Failed logins a minute of one address. */
  loginsPerAddress: number;
  /** Failed logins in 15 minutes of one account name. */
  loginsPerAccount: number;
}

/** What the RateLimit headers say. */
export interface Standing {
  limit: number;
  remaining: number;
  resetSeconds: number;
}

/** A bucket counted in memory, with the other replicas' counts brought in once a second. */
export interface CountedBucket {
  /** Takes one request out; throws 429 when the bucket is empty. */
  take(key: string): Promise<Standing>;
  close(): void;
}

export type MakeSharedBucket = (name: string, points: number, seconds: number) => RateLimiterPostgres;

export interface RateLimits {
  principals: CountedBucket;
  addresses: CountedBucket;
  /** Counts a login attempt before it is made; `succeeded` gives it back. Counted in the database at once. */
  login(address: string, account: string): Promise<{ succeeded(): Promise<void> }>;
  close(): void;
}

const windowSeconds = 60;
const exchangeMs = 1000;

/**
 * Buckets for principals and addresses are asked for each request, so they live in memory; each second the requests
 * counted since go to the shared bucket and its total comes back. Replicas together overshoot by one second's requests
 * at most. Login buckets are small and guard passwords, so they are counted in the database alone.
 */
export function createRateLimits(options: RateLimitOptions, shared: MakeSharedBucket): RateLimits {
  const principals = countedBucket('principal', options.perPrincipal, shared);
  const addresses = countedBucket('address', options.perAddress, shared);
  const byAddress = shared('login-address', options.loginsPerAddress, 60);
  const byAccount = shared('login-account', options.loginsPerAccount, 15 * 60);
  return {
    principals,
    addresses,
    async login(address, account) {
      const key = accountKey(account);
      await consume(byAddress, address, options.loginsPerAddress, 60);
      await consume(byAccount, key, options.loginsPerAccount, 15 * 60);
      return {
        async succeeded() {
          await Promise.all([byAddress.reward(address, 1), byAccount.reward(key, 1)]);
        },
      };
    },
    close() {
      principals.close();
      addresses.close();
    },
  };
}

/**
 * One key for all that the database may take for one address: it folds letters of other alphabets by other rules than
 * JavaScript, such as a dotted capital I. Marks are left out, and each letter is folded for itself.
 */
const accountKey = (account: string): string =>
  [...account.slice(0, 1000).normalize('NFKD').replace(/\p{M}/gu, '')]
    .map((letter) => letter.toLowerCase())
    .join('')
    .slice(0, 200);

async function consume(bucket: RateLimiterPostgres, key: string, limit: number, seconds: number): Promise<void> {
  try {
    await bucket.consume(key);
  } catch (result) {
    // Whatever else comes is a failure of the database.
    if (!(result instanceof RateLimiterRes)) throw result;
    throw empty(standingOf(result, limit), seconds);
  }
}

function countedBucket(name: string, points: number, shared: MakeSharedBucket): CountedBucket {
  const memory = new RateLimiterMemory({ keyPrefix: name, points, duration: windowSeconds });
  const common = shared(name, points, windowSeconds);
  const pending = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  const exchange = async () => {
    timer = undefined;
    const counts = [...pending];
    pending.clear();
    for (const [key, count] of counts) {
      try {
        const total = await common.penalty(key, count);
        // Requests that came in meanwhile are pending still, and counted on top.
        const points = total.consumedPoints + (pending.get(key) ?? 0);
        await memory.set(key, points, Math.max(1, Math.ceil(total.msBeforeNext / 1000)));
      } catch {
        // The database is away: this replica goes on with what it counted itself.
      }
    }
  };
  return {
    async take(key) {
      pending.set(key, (pending.get(key) ?? 0) + 1);
      timer ??= setTimeout(() => void exchange(), exchangeMs).unref();
      let result: RateLimiterRes;
      try {
        result = await memory.consume(key);
      } catch (rejected) {
        throw empty(standingOf(rejected as RateLimiterRes, points), windowSeconds);
      }
      return standingOf(result, points);
    },
    close: () => clearTimeout(timer),
  };
}

const standingOf = (result: RateLimiterRes, limit: number): Standing => ({
  limit,
  remaining: Math.max(0, result.remainingPoints),
  resetSeconds: Math.max(0, Math.ceil(result.msBeforeNext / 1000)),
});

function empty(standing: Standing, seconds: number): Problem {
  const wait = Math.max(1, standing.resetSeconds);
  return new Problem('rate_limited', {
    message: `More than ${standing.limit} requests in ${seconds} seconds.`,
    hint: `Wait ${wait} second${wait === 1 ? '' : 's'}.`,
    retryAfterSeconds: wait,
    headers: rateLimitHeaders({ ...standing, remaining: 0 }),
  });
}

/** The headers of every limited answer. */
export const rateLimitHeaders = ({ limit, remaining, resetSeconds }: Standing): Record<string, string> => ({
  'RateLimit-Limit': String(limit),
  'RateLimit-Remaining': String(remaining),
  'RateLimit-Reset': String(resetSeconds),
});

/** Puts them among the headers of an answer. */
export const tellStanding = (headers: Headers, standing: Standing): void =>
  void Object.assign(headers, rateLimitHeaders(standing));
