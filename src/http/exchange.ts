import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../domain/access/principal';
import type { Headers } from './respond';

/** One request and its answer, with what the edge knows of it. It travels as an argument; the request stays as it came. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly clientAddress: string;
  /** Path without query, and the raw query without `?`. */
  readonly path: string;
  readonly rawQuery: string;
  /** Headers of the answer so far. Written at once: each setHeader on the way costs more than the whole object. */
  readonly headers: Headers;
  operationId: string;
  principal: Principal | null;
  /** Set once the answer is a stream: it is measured until then, and ends without having failed. */
  stream?: { readonly openedAtMs: number; end: string | undefined };
  /** Set when a defect was answered, for the log. */
  defect: unknown;
  /** Whether the connection is to be closed after the answer. */
  draining(): boolean;
}

/** Tells the client, with its answer, that it needs another connection. Asked when the answer is there: stopping may have begun since. */
export function closeWhenDraining({ headers, draining }: Exchange): void {
  if (draining()) headers.Connection = 'close';
}

const acceptable = /^[A-Za-z0-9._-]{1,128}$/;

/** The client's own request id if it is well-formed, else a new one. */
export function requestIdOf(header: string | string[] | undefined, makeId: () => string): string {
  return typeof header === 'string' && acceptable.test(header) ? header : `req_${makeId()}`;
}
