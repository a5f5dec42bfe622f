import { Problem } from '../../src/domain/errors';
import { v3ProblemAnswer } from '../../src/http/cloudFoundry/problem';
import type { Surface } from '../../src/http/operationFacts';
import { problemAnswer } from '../../src/http/problem';
import { rateLimitHeaders } from '../../src/http/rateLimits';
import { oauthProblemAnswer } from '../../src/http/uaa/problem';

/** What gateways answer themselves, in the words and shapes of Portolan. */

export type RefusalName = 'malformed' | 'not_found' | 'too_large' | 'headers_too_large' | 'rate_limited' | 'away' | 'timed_out';

export interface Refusal {
  status: number;
  headers: Record<string, string>;
  /** JSON; the place of the request id is held by `requestId` as it was given. */
  body: string;
}

export const surfaces: readonly Surface[] = ['api', 'v3', 'uaa'];

const problems: Record<RefusalName, Problem> = {
  malformed: new Problem('validation', { message: 'This is no HTTP request.', field: '', hint: 'Check the client.' }),
  not_found: new Problem('not_found', {
    message: 'There is nothing at this path for this method.',
    hint: 'The paths are listed at /openapi.json and, to read, at /api/docs.',
  }),
  too_large: new Problem('too_large', {
    message: 'The body is larger than this operation takes.',
    field: '',
    hint: 'Send less at once.',
  }),
  headers_too_large: new Problem('validation', {
    message: 'The headers are larger than 32 KiB.',
    field: '',
    hint: 'Send less in headers and in the query.',
  }),
  rate_limited: new Problem('rate_limited', {
    message: 'Too many requests.',
    hint: 'Wait as long as Retry-After says.',
    retryAfterSeconds: 1,
  }),
  away: new Problem('unavailable', {
    message: 'Portolan does not answer.',
    hint: 'Try again, a write with the Idempotency-Key that it had.',
    retryAfterSeconds: 5,
  }),
  timed_out: new Problem('unavailable', {
    message: 'Portolan did not answer in time.',
    hint: 'It may go on with the request. Try again, a write with the Idempotency-Key that it had.',
    retryAfterSeconds: 5,
  }),
};

/** Not among the problems of the service: its HTTP parser answers so. */
const statuses: Partial<Record<RefusalName, number>> = { headers_too_large: 431 };

/** What every answer of the service carries, as far as a gateway can know it. */
const common = {
  'Content-Type': 'application/json; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
};

/** A refusal in the manner of a surface; `requestId` is the gateway's own word for the id. */
export function refusal(name: RefusalName, surface: Surface, requestId: string): Refusal {
  const problem = problems[name];
  const { status, headers, body } =
    surface === 'v3'
      ? v3ProblemAnswer(problem, true)
      : surface === 'uaa'
        ? oauthProblemAnswer(problem)
        : problemAnswer(problem, requestId);
  const id = { 'X-Request-Id': requestId, ...(surface === 'v3' ? { 'X-VCAP-Request-ID': requestId } : {}) };
  return { status: statuses[name] ?? status, headers: { ...common, ...id, ...headers }, body };
}

/** The standing of whoever was refused by a limit: nothing is left for a second. */
export const emptyStanding = (limit: number) => rateLimitHeaders({ limit, remaining: 0, resetSeconds: 1 });
