import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** What the `cf` command line sends and how it takes what comes back; the commands are in cfCli.ts. */

export const userAgent = 'cf/8.14.1+8e2b70a (go1.24.4; amd64 linux)';

export interface Sent {
  /** `GET /v3/apps?names=shop`. */
  line: string;
  headers: Record<string, string>;
  body: string;
}

export interface Came {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** An error as the client tells it apart: by title and detail, or by the type of the token service. */
export class CfError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly code = 0,
  ) {
    super(`${status} ${title}: ${detail}`);
  }
}

const retried = [500, 502, 503, 504];
const retries = 2;

/** Sends a request with exactly these headers and notes it; what fails for a moment is repeated, except for POST. */
export async function sendAsCf(
  log: Sent[],
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Came> {
  for (let attempt = 0; ; attempt++) {
    const { pathname, search } = new URL(url);
    log.push({ line: `${method} ${pathname}${search}`, headers, body: body ?? '' });
    let came: Came | undefined;
    try {
      came = await exchange(method, url, headers, body);
      if (!retried.includes(came.status)) return came;
    } catch (error) {
      if (attempt >= retries || method === 'POST') throw error;
    }
    if (came && (attempt >= retries || method === 'POST')) return came;
    await delay(5);
  }
}

function exchange(method: string, url: string, headers: Record<string, string>, body?: string): Promise<Came> {
  const { host } = new URL(url);
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const { 'User-Agent': agent = userAgent, ...others } = headers;
    const sorted = Object.fromEntries(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1)));
    const all = { Host: host, 'User-Agent': agent, ...length, ...sorted, 'Accept-Encoding': 'gzip' };
    const sent = request(url, { method, headers: all, agent: false, setHost: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers as Record<string, string>, text }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** JSON of a good answer; whatever else comes is the error that the client makes of it. */
export function resultOf({ status, text }: Came): any {
  if (status < 400) return text === '' ? undefined : JSON.parse(text);
  let body: any;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Error(`Unexpected Response ${status}: ${text}`);
  }
  if (typeof body.error === 'string') throw new CfError(status, body.error, String(body.error_description ?? ''));
  const [first] = body.errors;
  if (typeof first.code !== 'number' || typeof first.title !== 'string' || typeof first.detail !== 'string') {
    throw new Error(`cannot unmarshal ${text}`);
  }
  throw new CfError(status, first.title, first.detail, first.code);
}

/** The claims of an access token; undefined for what is no JWT. */
export function claimsOf(token: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
