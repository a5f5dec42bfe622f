import type { Readable } from 'node:stream';
import { RegistryFailure } from '../failure';
import type { Caller } from './caller';
import { type AnswerHeaders, headerOf, type WireAnswer, type WireRequest } from './exchange';

/** Of an answer that says no, only the beginning is of interest. */
const mostOfRefusal = 65_536;

interface Answering {
  status: number;
  headers: AnswerHeaders;
  request: WireRequest;
  caller: Caller;
}

/** Reads a body to its end, or to the longest that is accepted; the rest is never received. */
export async function readBody(body: Readable, { status, headers, request, caller }: Answering): Promise<Buffer> {
  const isRefusal = status >= 300;
  const most = isRefusal ? Math.min(mostOfRefusal, request.mostBytes) : request.mostBytes;
  const announced = Number(headerOf(headers, 'content-length') ?? 0);
  const encoding = headerOf(headers, 'content-encoding')?.trim().toLowerCase();
  if (request.method !== 'HEAD' && !isRefusal) {
    if (encoding && encoding !== 'identity') throw refuse(body, caller, request.url, packed(request.url, encoding));
    if (announced > most) throw refuse(body, caller, request.url, tooLong(request.url, most));
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length <= most) continue;
    // Leaving the loop closes the connection.
    if (isRefusal) break;
    throw failureOf(caller, request.url, tooLong(request.url, most));
  }
  return Buffer.concat(chunks).subarray(0, most);
}

/** The JSON of an answer. @param what it should be, for the message */
export function jsonOf(answer: WireAnswer, caller: Caller, what: string): unknown {
  const text = answer.body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    const type = headerOf(answer.headers, 'content-type') ?? '';
    const isPage = /html/i.test(type) || /^\s*</.test(text);
    throw failureOf(caller, answer.url, {
      message: isPage
        ? `${answer.url.host} answered a web page where ${what} should be.`
        : `${answer.url.host} answered ${text === '' ? 'nothing' : 'broken JSON'} where ${what} should be.`,
      hint: isPage
        ? 'Check registryUrl: a login page or a proxy may stand in front of the registry, or this is no registry.'
        : 'Look into the logs of the registry and of proxies in front of it.',
    });
  }
}

/** An object of JSON; undefined for anything else. */
export function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}

function refuse(body: Readable, caller: Caller, url: URL, parts: { message: string; hint: string }): RegistryFailure {
  // The error of the destroyed body is ours.
  body.on('error', () => {}).destroy();
  return failureOf(caller, url, parts);
}

const failureOf = (caller: Caller, url: URL, parts: { message: string; hint: string }): RegistryFailure =>
  new RegistryFailure(caller.name, url.host, { reason: 'bad_response', ...parts });

const tooLong = (url: URL, most: number) => ({
  message: `${url.host} answered with more than ${most} bytes; reading was stopped there.`,
  hint: 'A registry that pages its lists can be read; look for a setting of its page size.',
});

const packed = (url: URL, encoding: string) => ({
  message: `${url.host} packed its answer${/^(?:x-)?(?:gzip|br|deflate|zstd|compress)$/.test(encoding) ? ` (${encoding})` : ''}, although it was asked not to.`,
  hint: 'Switch compression off in the proxy in front of the registry.',
});
