import { OptionalRefused, RegistryFailure } from '../failure';
import type { Caller } from './caller';
import { type AnswerHeaders, headerOf, type WireAnswer, type WireRequest } from './exchange';
import type { HostGate } from './hostGate';
import type { HostStandings } from './hostStandings';
import { cutOffFailure } from './networkFailure';
import { isScarce, rateLimitOf } from './rateLimit';
import { retryAfterOf } from './retryAfter';
import { wait } from './wait';
import type { Wire } from './wire';

/** Sends a request when its host may be asked, and again when that may help. */
export type Send = (request: WireRequest, caller: Caller) => Promise<WireAnswer>;

export interface PacingOptions {
  /** For all attempts together, without the pauses that the host asks for. */
  timeoutMs(): number;
  /** Before the second, the third … attempt. */
  retryDelaysMs: readonly number[];
  /** The longest pause within a request. */
  patienceMs: number;
  now(): Date;
}

/** A host that says nothing of when to come back is left alone this long. */
const unnamedPauseMs = 60_000;
const mostPauses = 5;

interface Attempt {
  request: WireRequest;
  caller: Caller;
  budgetMs: number;
  patienceMs: number;
  retries: number;
  pauses: number;
  /** Of the attempt before. */
  failure: RegistryFailure | undefined;
  /** Of the answer that asked for a pause. */
  status: number | undefined;
}

/** Keeps to what hosts ask for: their slots, their pauses, their rate limits. */
export function createPacing(wire: Wire, gate: HostGate, standings: HostStandings, options: PacingOptions): Send {
  const { now, retryDelaysMs } = options;

  async function send(request: WireRequest, caller: Caller): Promise<WireAnswer> {
    const attempt: Attempt = {
      request,
      caller,
      budgetMs: options.timeoutMs(),
      patienceMs: options.patienceMs,
      retries: 0,
      pauses: 0,
      failure: undefined,
      status: undefined,
    };
    for (;;) {
      const answer = await inTurn(attempt);
      if (answer && !(await isThrottled(answer, attempt)) && !(isPassing(answer.status) && (await mayRetry(attempt)))) {
        return answer;
      }
    }
  }

  /** One exchange in a slot of the host; undefined when it shall be tried again. */
  async function inTurn(attempt: Attempt): Promise<WireAnswer | undefined> {
    const { request, caller } = attempt;
    const host = request.url.host;
    const leave = await gate.enter(host, caller.key, caller.signal).catch((error) => {
      throw caller.signal?.aborted ? cutOffFailure(caller, request.url) : error;
    });
    const startedAt = Date.now();
    try {
      // After the wait for the slot: the pause may have been asked for meanwhile.
      const standing = await standings.of(host);
      if (standing.pausedUntil && standing.pausedUntil > now()) {
        leave();
        await sitOut(attempt, standing.pausedUntil);
        return undefined;
      }
      const isOver = standing.resetAt !== null && standing.resetAt <= now();
      if (caller.optional && isScarce(standing) && !isOver) throw scarce(caller, host, standing.resetAt);
      const answer = await wire.send(request, caller, attempt.budgetMs);
      const seen = rateLimitOf(answer.headers, now());
      if (seen) await standings.noteRateLimit(host, seen);
      return answer;
    } catch (error) {
      attempt.budgetMs -= Date.now() - startedAt;
      leave();
      if (!(error instanceof RegistryFailure) || error.cutOff) throw error;
      if (error.transient && (await mayRetry(attempt))) {
        attempt.failure = error;
        return undefined;
      }
      // What cut the last attempt short was the time that the ones before it took.
      throw error.failure.reason === 'timeout' ? (attempt.failure ?? error) : error;
    } finally {
      leave();
    }
  }

  /** Waits before another attempt; false when there is none. */
  async function mayRetry(attempt: Attempt): Promise<boolean> {
    const delay = retryDelaysMs[attempt.retries];
    if (delay === undefined || attempt.request.method === 'POST') return false;
    const jittered = delay * (0.75 + Math.random() * 0.5);
    if (attempt.budgetMs <= jittered) return false;
    attempt.retries++;
    attempt.budgetMs -= jittered;
    await waitFor(jittered, attempt);
    return true;
  }

  /** Notes a pause that the host asks for, for all replicas; the next turn waits for its end. */
  async function isThrottled(answer: WireAnswer, attempt: Attempt): Promise<boolean> {
    const { request, caller, pauses } = attempt;
    const named = retryAfterOf(headerOf(answer.headers, 'retry-after'), now());
    if (answer.status !== 429 && !(answer.status === 503 && named)) return false;
    const shortest = now().getTime() + (retryDelaysMs[pauses] ?? retryDelaysMs.at(-1) ?? 0);
    const until = new Date(Math.max(shortest, named?.getTime() ?? unnamedEnd(answer.headers, pauses)));
    await standings.pause(request.url.host, until, `answered ${answer.status}`);
    attempt.pauses++;
    attempt.status = answer.status;
    if (request.method === 'POST' || attempt.pauses > mostPauses) throw throttled(caller, request.url.host, until, answer.status);
    return true;
  }

  function unnamedEnd(headers: AnswerHeaders, pauses: number): number {
    const { resetAt = null } = rateLimitOf(headers, now()) ?? {};
    if (resetAt) return resetAt.getTime();
    return pauses < retryDelaysMs.length ? 0 : now().getTime() + unnamedPauseMs;
  }

  async function sitOut(attempt: Attempt, until: Date): Promise<void> {
    const pauseMs = until.getTime() - now().getTime();
    if (pauseMs > attempt.patienceMs) throw throttled(attempt.caller, attempt.request.url.host, until, attempt.status);
    attempt.patienceMs -= pauseMs;
    await waitFor(pauseMs, attempt);
  }

  async function waitFor(ms: number, { caller, request }: Attempt): Promise<void> {
    await wait(ms, caller.signal).catch(() => {
      throw cutOffFailure(caller, request.url);
    });
  }

  return send;
}

const isPassing = (status: number): boolean => status === 502 || status === 503 || status === 504;

function throttled(caller: Caller, host: string, retryAt: Date, status?: number): RegistryFailure {
  return new RegistryFailure(caller.name, host, {
    reason: 'rate_limited',
    message: `${host} asks not to be asked again before ${retryAt.toISOString()}.`,
    hint: 'Portolan waits that long by itself. If it comes often, use credentials with a higher limit or refresh less often.',
    status,
    retryAt,
  });
}

function scarce(caller: Caller, host: string, resetAt: Date | null): OptionalRefused {
  return new OptionalRefused(caller.name, host, {
    reason: 'rate_limited',
    message: `Less than a tenth of the rate limit of ${host} is left; what is not needed is not asked.`,
    hint: 'Use credentials with a higher limit, or refresh less often.',
    retryAt: resetAt ?? undefined,
  });
}
