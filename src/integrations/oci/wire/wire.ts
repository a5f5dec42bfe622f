import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { RegistryFailure } from '../failure';
import { readBody } from './body';
import type { Caller } from './caller';
import { guardedConnector } from './egress';
import type { WireAnswer, WireRequest } from './exchange';
import { cutOffFailure, networkFailure, overdueFailure } from './networkFailure';

/** One request, one answer: no retries, no redirects, no credentials of its own. */
export interface Wire {
  send(request: WireRequest, caller: Caller, budgetMs: number): Promise<WireAnswer>;
  readonly requestCount: number;
  close(): Promise<void>;
}

export interface WireOptions {
  version: string;
  caFile: string | null;
  connectTimeoutMs(): number;
  headersTimeoutMs(): number;
  lookup?: LookupFunction | undefined;
}

/** HTTP/1.1 over guarded connections that are kept for later requests. */
export function createWire(options: WireOptions): Wire {
  const agent = new Agent({ connect: guardedConnector(options) });
  let requestCount = 0;

  async function send(request: WireRequest, caller: Caller, budgetMs: number): Promise<WireAnswer> {
    if (caller.signal?.aborted) throw cutOffFailure(caller, request.url);
    const ending = new AbortController();
    const end = () => ending.abort();
    caller.signal?.addEventListener('abort', end, { once: true });
    const timer = setTimeout(end, budgetMs);
    let answering = false;
    requestCount++;
    caller.onRequest?.();
    try {
      const answer = await agent.request(dispatched(request, caller, ending.signal));
      answering = true;
      const headers = answer.headers;
      const body = await readBody(answer.body, { status: answer.statusCode, headers, request, caller });
      return { status: answer.statusCode, headers, body, url: request.url, secrets: shownIn(request, caller) };
    } catch (error) {
      if (error instanceof RegistryFailure) throw error;
      if (caller.signal?.aborted) throw cutOffFailure(caller, request.url);
      if (ending.signal.aborted) throw overdueFailure(caller, request.url, budgetMs, answering);
      throw networkFailure(caller, request.url, error, answering);
    } finally {
      clearTimeout(timer);
      caller.signal?.removeEventListener('abort', end);
    }
  }

  function dispatched(request: WireRequest, caller: Caller, signal: AbortSignal): Dispatcher.RequestOptions {
    const headers: Record<string, string> = {
      'user-agent': `portolan/${options.version}`,
      // A packed body can be a thousand times as long as what was read.
      'accept-encoding': 'identity',
      ...request.headers,
    };
    if (caller.requestId !== undefined && /^[\x21-\x7e]{1,200}$/.test(caller.requestId)) {
      headers['x-request-id'] = caller.requestId;
    }
    return {
      origin: request.url.origin,
      path: request.url.pathname + request.url.search,
      method: request.method,
      headers,
      body: request.body ?? null,
      headersTimeout: options.headersTimeoutMs(),
      signal,
    };
  }

  return {
    send,
    get requestCount() {
      return requestCount;
    },
    close: () => agent.destroy(),
  };
}

/** The caller's secrets, and the token that was made of them. */
function shownIn({ headers }: WireRequest, { secrets }: Caller): string[] {
  const [, credentials] = headers.authorization?.split(' ', 2) ?? [];
  return credentials ? [...secrets, credentials] : [...secrets];
}
