import { retryAfterMs } from './retries';
import type { Schemas } from './types';

/** Codes of the service, and those of what happens before it answers, or behind it. */
export type PortolanErrorCode =
  | Schemas['Problem']['code']
  /** Nothing came back: no connection, or one that broke. */
  | 'NETWORK'
  /** A try, or waiting, took longer than `timeoutMs`. */
  | 'TIMEOUT'
  /** Ended by the `signal` of the call. */
  | 'ABORTED'
  /** 304: what `If-None-Match` names is still what is there. */
  | 'NOT_MODIFIED'
  /** Something answered that does not speak as the contract says: a proxy, or another service. */
  | 'BAD_RESPONSE'
  /** The call cannot be sent as it is written. */
  | 'INVALID_CALL'
  /** An operation that was waited for was cancelled. */
  | 'CANCELLED';

/** All problems of a request, or facts about a conflict, a refusal or an upstream. */
export type PortolanErrorDetails = Schemas['Issue'][] | { [name: string]: unknown };

export interface PortolanErrorFacts {
  code: PortolanErrorCode;
  message: string;
  field?: string | undefined;
  hint?: string | undefined;
  requestId?: string | undefined;
  status?: number | undefined;
  details?: PortolanErrorDetails | undefined;
  retryAfterMs?: number | undefined;
  operationId?: string | undefined;
  cause?: unknown;
}

/** The one error of this client, whatever failed. Branch on `code`, then on `field`; messages are for people. */
export class PortolanError extends Error {
  override readonly name: string = 'PortolanError';
  readonly code: PortolanErrorCode;
  /** The member, parameter or header that is wrong. */
  readonly field: string | undefined;
  /** The way out. */
  readonly hint: string | undefined;
  /** Names the request in the service's log. */
  readonly requestId: string | undefined;
  /** Undefined where nothing answered. */
  readonly status: number | undefined;
  readonly details: PortolanErrorDetails | undefined;
  /** When to come again, as the service asked for. */
  readonly retryAfterMs: number | undefined;
  /** The operation that was called. */
  readonly operationId: string | undefined;

  constructor(facts: PortolanErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.field = facts.field;
    this.hint = facts.hint;
    this.requestId = facts.requestId;
    this.status = facts.status;
    this.details = facts.details;
    this.retryAfterMs = facts.retryAfterMs;
    this.operationId = facts.operationId;
  }
}

/** An answer that is no success, from whichever surface of the service it comes. */
export function errorOfAnswer(response: Response, body: unknown, operationId: string): PortolanError {
  const { status, headers } = response;
  const told = toldBy(status, isObject(body) ? body : {});
  return new PortolanError({
    ...told,
    requestId: told.requestId ?? headers.get('x-request-id') ?? undefined,
    status,
    retryAfterMs: retryAfterMs(headers),
    operationId,
  });
}

type Members = { [name: string]: unknown };
const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function toldBy(status: number, body: Members): PortolanErrorFacts {
  const [v3] = Array.isArray(body.errors) ? (body.errors as unknown[]) : [];
  if (isObject(v3) && typeof v3.title === 'string') return ofCloudFoundry(status, v3, body);
  if (typeof body.error === 'string') return ofTokenService(status, body);
  if (typeof body.code === 'string' && typeof body.message === 'string') return ofProblem(body);
  if (status === 304) return { code: 'NOT_MODIFIED', message: 'Nothing has changed since the answer that If-None-Match names.' };
  if (status < 400) {
    const message = 'The service sends elsewhere, and no redirect is followed: it would take along what is sent.';
    return { code: 'BAD_RESPONSE', message, hint: 'Is url the address of the service itself, with https where it has that?' };
  }
  const code = codeOfStatus[status];
  return {
    code: code ?? 'BAD_RESPONSE',
    message: `The answer is ${status}, and does not say why.`,
    hint: 'Is it Portolan that answers? A proxy may have refused the request, or failed.',
  };
}

function ofProblem(body: Members): PortolanErrorFacts {
  return {
    code: body.code as PortolanErrorCode,
    message: body.message as string,
    field: textOf(body.field),
    hint: textOf(body.hint),
    requestId: textOf(body.requestId),
    details: isObject(body.details) || Array.isArray(body.details) ? (body.details as PortolanErrorDetails) : undefined,
  };
}

/** The service's codes for what Cloud Foundry and OAuth call otherwise; the original stays in `details`. */
const codeOfStatus: { readonly [status: number]: PortolanErrorCode } = {
  400: 'VALIDATION_ERROR',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN_ROLE',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  412: 'CONFLICT',
  413: 'VALIDATION_ERROR',
  415: 'VALIDATION_ERROR',
  422: 'VALIDATION_ERROR',
  429: 'RATE_LIMITED',
  500: 'INTERNAL',
  502: 'SERVICE_UNAVAILABLE',
  503: 'SERVICE_UNAVAILABLE',
  504: 'SERVICE_UNAVAILABLE',
};

function ofCloudFoundry(status: number, entry: Members, body: Members): PortolanErrorFacts {
  const taken = entry.title === 'CF-UniquenessError' || entry.title === 'CF-StagingInProgress';
  return {
    code: taken ? 'CONFLICT' : (codeOfStatus[status] ?? 'BAD_RESPONSE'),
    message: textOf(entry.detail) ?? String(entry.title),
    details: body,
  };
}

function ofTokenService(status: number, body: Members): PortolanErrorFacts {
  return {
    code: codeOfStatus[status] ?? 'BAD_RESPONSE',
    message: textOf(body.error_description) ?? String(body.error),
    details: body,
  };
}
