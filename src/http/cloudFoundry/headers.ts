import type { IncomingMessage } from 'node:http';
import { uuidv7 } from 'uuidv7';
import type { Headers } from '../respond';

const longestClientId = 255;
const traceId = /^[0-9a-fA-F]{1,64}$/;

/** What each answer of /v3 carries of its request: an id that holds the client's own, and the client's trace. */
export function requestHeadersOfV3({ headers }: IncomingMessage): Headers {
  const own = clientId(headers['x-vcap-request-id']) ?? clientId(headers['x-request-id']);
  const answered: Headers = { 'X-VCAP-Request-ID': own === undefined ? uuidv7() : `${own}::${uuidv7()}` };
  for (const name of ['X-B3-TraceId', 'X-B3-SpanId']) {
    const value = headers[name.toLowerCase()];
    if (typeof value === 'string' && traceId.test(value)) answered[name] = value;
  }
  return answered;
}

/** Letters, digits, `_` and `-` of what the client sent; undefined when nothing is left. */
function clientId(header: string | string[] | undefined): string | undefined {
  const kept = String(header ?? '')
    .replace(/[^A-Za-z0-9_-]/g, '')
    .slice(0, longestClientId);
  return kept === '' ? undefined : kept;
}

/** The standing in the manner of /v3: beside what /api tells, with the time of the reset rather than the wait for it. */
export function rateHeadersOfV3(headers: Headers, now: Date): void {
  const reset = headers['RateLimit-Reset'];
  if (reset === undefined) return;
  headers['X-RateLimit-Limit'] = headers['RateLimit-Limit'] as string;
  headers['X-RateLimit-Remaining'] = headers['RateLimit-Remaining'] as string;
  headers['X-RateLimit-Reset'] = String(Math.ceil(now.getTime() / 1000) + Number(reset));
}
