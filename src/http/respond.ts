import { hash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Answer } from '../operations/handler';
import type { OperationFacts } from './operationFacts';

/** Answer headers, gathered while a request is handled and written at once. */
export type Headers = Record<string, string | number>;

/** An answer as bytes and headers: what is sent, and what a replay sends again. */
export interface Rendered {
  status: number;
  contentType: string | null;
  body: string | Buffer;
  etag: string | null;
  location: string | null;
  headers?: Readonly<Record<string, string>>;
}

/** The state part of an ETag: 40 bits over the answered resource, so that whatever computed member changes, it changes. */
const stateOf = (text: string): string => hash('sha1', text, 'hex').slice(0, 10);

/** `"<version>.<state>"` for the JSON text of a resource. */
export const etagOf = (version: number, text: string): string => `"${version}.${stateOf(text)}"`;

const jsonType = 'application/json; charset=utf-8';

/** Makes status, headers and body of what a handler gave back. */
export function render(answer: Answer<unknown>, facts: OperationFacts): Rendered {
  const status = answer.status ?? facts.success;
  const headers = answer.headers ? { headers: answer.headers } : {};
  if (answer.raw) {
    const { contentType, content, etag = null } = answer.raw;
    return { status, contentType, body: content, etag, location: answer.location ?? null, ...headers };
  }
  const { body, single, location = null } = answer;
  if (body === undefined) return { status, contentType: null, body: '', etag: null, location, ...headers };
  if (!single) return { status, contentType: jsonType, body: JSON.stringify(body), etag: null, location, ...headers };
  const { text, etag } = renderSingle(body as Record<string, unknown>, single);
  return { status, contentType: jsonType, body: text, etag, location, ...headers };
}

/** The resource is turned into text once: for the ETag and, inside its envelope, for the body. */
function renderSingle(body: Record<string, unknown>, single: { member: string | null; version: number }) {
  if (single.member === null) {
    const text = JSON.stringify(body);
    return { text, etag: etagOf(single.version, text) };
  }
  const resource = JSON.stringify(body[single.member]);
  let text = `{"${single.member}":${resource}`;
  for (const member in body) {
    if (member !== single.member) text += `,${JSON.stringify(member)}:${JSON.stringify(body[member])}`;
  }
  return { text: `${text}}`, etag: etagOf(single.version, resource) };
}

/** Sends a rendered answer; a matching If-None-Match of a read makes it a 304 without a body. */
export function send(
  response: ServerResponse,
  headers: Headers,
  rendered: Rendered,
  facts: OperationFacts,
  ifNoneMatch: string | undefined,
  replayed: boolean,
): void {
  headers['Cache-Control'] = facts.cache === 'no-store' ? 'no-store' : 'private, no-cache';
  Object.assign(headers, rendered.headers);
  if (rendered.etag) headers.ETag = rendered.etag;
  if (rendered.location) headers.Location = rendered.location;
  if (replayed) headers['Idempotent-Replayed'] = 'true';
  if (ifNoneMatch !== undefined && rendered.etag && matchesEtag(ifNoneMatch, rendered.etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  if (rendered.contentType === null) {
    response.writeHead(rendered.status, headers).end();
    return;
  }
  headers['Content-Type'] = rendered.contentType;
  headers['Content-Length'] = Buffer.byteLength(rendered.body);
  response.writeHead(rendered.status, headers).end(rendered.body);
}

/** Weak comparison over a list of tags, `*` matching any (RFC 9110, 13.1.2). */
function matchesEtag(header: string, etag: string): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
