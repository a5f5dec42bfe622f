import { PortolanError } from './errors';
import { pause, pauseMs, type Retries } from './retries';
import type { Tokens } from './tokens';

/** What the table of the contract says of an operation. */
export interface CallFacts {
  readonly method: 'get' | 'put' | 'post' | 'delete' | 'patch';
  readonly path: string;
  /** Sent without a credential. */
  readonly public?: boolean;
  /** Takes an Idempotency-Key. */
  readonly key?: boolean;
  /** Other than as JSON. */
  readonly sent?: 'form' | 'multipart';
  readonly read?: 'text' | 'blob' | 'stream';
  /** The member of a page that holds its objects. */
  readonly list?: string;
}

export type Fetch = (request: Request) => Promise<Response>;

export interface Delivery {
  operationId: string;
  facts: CallFacts;
  tokens: Tokens;
  retries: Retries;
  timeoutMs: number;
  fetch: Fetch;
}

/**
 * Sends a request until there is an answer to keep: with a token, with one key for all tries of a write, again after
 * failures that pass, and once more with another token when the first was refused.
 */
export async function send(request: Request, delivery: Delivery): Promise<Response> {
  const { facts, tokens, retries } = delivery;
  const { headers, signal } = request;
  if (facts.key && !headers.has('idempotency-key')) headers.set('Idempotency-Key', newKey());
  // Public operations change nothing that a second time would change again.
  const repeatable = facts.public || headers.has('idempotency-key') || ['get', 'put', 'delete'].includes(facts.method);
  for (let [tried, renewed] = [1, false]; ; ) {
    const token = facts.public ? undefined : await unlessAborted(tokens.get(), signal, delivery);
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    const outcome = await tryOnce(request.clone(), delivery);
    const answer = outcome instanceof Response ? outcome : undefined;
    if (answer && (answer.ok || answer.status === 304)) return answer;
    if (answer?.status === 401 && token !== undefined && !renewed && (await tokens.renews(token))) {
      renewed = true;
      continue;
    }
    const waitMs = pauseMs({ tried, repeatable, answer }, retries);
    if (waitMs === undefined) return answer ?? Promise.reject(outcome);
    await pauseFor(waitMs, signal, delivery.operationId);
    tried++;
  }
}

/** One try. Answers are read to their end, so that one that is cut off is tried again; only streams are handed on as they are. */
async function tryOnce(request: Request, delivery: Delivery): Promise<Response | PortolanError> {
  const { facts, timeoutMs, fetch, operationId } = delivery;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  const ended = () => limit.abort(request.signal.reason);
  request.signal.addEventListener('abort', ended, { once: true });
  if (request.signal.aborted) ended();
  const limited = new Request(request, { signal: limit.signal });
  let streaming = false;
  try {
    const answer = await fetch(limited);
    streaming = facts.read === 'stream' && answer.ok;
    return streaming ? answer : await whole(answer);
  } catch (error) {
    if (request.signal.aborted) throw abortedBy(request.signal, operationId);
    if (limit.signal.aborted) {
      return new PortolanError({
        code: 'TIMEOUT',
        message: `There was no answer within ${timeoutMs} ms.`,
        operationId,
        cause: error,
      });
    }
    return networkError(request.url, error, operationId);
  } finally {
    clearTimeout(timer);
    if (!streaming) request.signal.removeEventListener('abort', ended);
  }
}

async function whole(answer: Response): Promise<Response> {
  const { status, statusText, headers } = answer;
  // Browsers tell nothing of a redirect.
  if (answer.type === 'opaqueredirect') return answer;
  const bytes = await answer.arrayBuffer();
  return new Response([204, 205, 304].includes(status) ? null : bytes, { status, statusText, headers });
}

function networkError(url: string, error: unknown, operationId: string): PortolanError {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  const why = cause?.message || cause?.code || message || String(error);
  return new PortolanError({
    code: 'NETWORK',
    message: `${new URL(url).origin} cannot be reached: ${why}.`,
    hint: 'Is the service running, and its address right? From a browser, CORS_ORIGIN of the service has to name this page.',
    operationId,
    cause: error,
  });
}

export const abortedBy = (signal: AbortSignal, operationId: string): PortolanError =>
  new PortolanError({ code: 'ABORTED', message: 'The call was ended by its signal.', operationId, cause: signal.reason });

/** Waits; the call ends with its signal. */
export async function pauseFor(ms: number, signal: AbortSignal | undefined, operationId: string): Promise<void> {
  try {
    await pause(ms, signal);
  } catch (reason) {
    throw signal?.aborted ? abortedBy(signal, operationId) : reason;
  }
}

/** The value, unless the signal comes first. */
async function unlessAborted<T>(value: Promise<T> | T, signal: AbortSignal, { operationId }: Delivery): Promise<T> {
  let ended: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    ended = () => reject(abortedBy(signal, operationId));
    signal.addEventListener('abort', ended, { once: true });
    if (signal.aborted) ended();
  });
  try {
    return await Promise.race([aborted, value]);
  } finally {
    if (ended) signal.removeEventListener('abort', ended);
  }
}

/** `crypto.randomUUID` is missing on pages without TLS. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `sdk-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
