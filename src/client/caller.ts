import createClient from 'openapi-fetch';
import { clientCalls } from '../../generated/clientCalls';
import type { paths } from '../../generated/contract';
import { errorOfAnswer, PortolanError } from './errors';
import { type RetryOptions, retriesOf, standardRetries } from './retries';
import { type CallFacts, type Fetch, send } from './sending';
import { type TokenSource, Tokens } from './tokens';
import type { CallOptions, OperationId, WithResponse } from './types';

export interface PortolanOptions {
  /** Where the service answers, such as `https://portolan.example.com`; `''` in a page of the same origin. */
  url: string;
  /** Left out, only public operations can be called. */
  token?: TokenSource | undefined;
  retries?: RetryOptions | false | undefined;
  /** How long one try of a call may take, its answer included: 60 000 unless set. */
  timeoutMs?: number | undefined;
  /** Instead of the global one: for proxies, certificates of one's own, and tests. */
  fetch?: Fetch | undefined;
}

/** A call as it is written, without its types. */
export interface Written extends CallOptions {
  path?: Record<string, unknown> | undefined;
  query?: Record<string, unknown> | undefined;
  header?: Record<string, unknown> | undefined;
  body?: unknown;
  /** Instead of `query`: a query as it stands in a URL. */
  search?: string | undefined;
}

export type Perform = (operationId: OperationId, input?: Written) => Promise<WithResponse<unknown>>;

export const factsOf = (operationId: OperationId): CallFacts => clientCalls[operationId];

type Raw = (method: string, path: string, init: object) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

/** Performs operations by their ids, on openapi-fetch. */
export function callerOf(options: PortolanOptions): Perform {
  const client = createClient<paths>({
    baseUrl: options.url,
    // Followed, a redirect would take passwords in bodies along to whoever the answer names.
    redirect: 'manual',
    querySerializer: { array: { style: 'form', explode: false } },
    pathSerializer,
  });
  const request = client.request as unknown as Raw;
  const tokens = new Tokens(options.token);
  const standard = retriesOf(options.retries, standardRetries);
  const fetch: Fetch = options.fetch ?? ((sent) => globalThis.fetch(sent));

  return async (operationId, input = {}) => {
    const facts = factsOf(operationId);
    const retries = retriesOf(input.retries, standard);
    const timeoutMs = input.timeoutMs ?? options.timeoutMs ?? 60_000;
    const delivery = { operationId, facts, tokens, retries, timeoutMs, fetch };
    const { path = {}, query, header, search } = input;
    try {
      const { data, error, response } = await request(facts.method, facts.path, {
        params: { path, query, header },
        ...bodyOf(facts, input.body),
        ...(search === undefined ? {} : { querySerializer: () => search }),
        ...(input.signal ? { signal: input.signal } : {}),
        parseAs: facts.read ?? 'json',
        fetch: (sent: Request) => send(sent, delivery),
      });
      if (!response.ok) throw errorOfAnswer(response, error, operationId);
      return { data, response };
    } catch (error) {
      throw error instanceof SyntaxError ? notAnswered(error, operationId) : error;
    }
  };
}

const notAnswered = (cause: SyntaxError, operationId: string): PortolanError =>
  new PortolanError({
    code: 'BAD_RESPONSE',
    message: `The answer is no JSON: ${cause.message}.`,
    hint: 'Is url the address of Portolan itself?',
    operationId,
    cause,
  });

/** Fills in the parameters of a path. Each stands for one step: none may change which operation is called. */
function pathSerializer(path: string, given: Record<string, unknown>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(given[name] ?? '');
    if (['', '.', '..'].includes(value)) {
      const message =
        value === '' ? `The path parameter ${name} is missing.` : `The path parameter ${name} cannot be "${value}".`;
      throw new PortolanError({ code: 'INVALID_CALL', message, field: name });
    }
    return encodeURIComponent(value);
  });
}

function bodyOf({ sent }: CallFacts, body: unknown): object {
  if (body === undefined) return {};
  if (sent === 'form') {
    return {
      body,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      bodySerializer: (members: Record<string, string>) => new URLSearchParams(members).toString(),
    };
  }
  return { body: sent === 'multipart' ? formOf(body) : body };
}

function formOf(body: unknown): FormData {
  if (body instanceof FormData) return body;
  const form = new FormData();
  for (const [name, value] of Object.entries(body as object)) {
    if (value === undefined) continue;
    // Other members are parts of text; one that is a file has a name, even where only its bytes are given.
    if (value instanceof Blob) form.append(name, value, value instanceof File ? value.name : name);
    else form.append(name, String(value));
  }
  return form;
}
