import { type ClientRequest, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A plain client: what it sends and from where is up to the test. */

export interface Wish {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
  /** Sends the body in ten parts, over so much time. */
  forMs?: number;
  /** The address that the connection comes from; all of 127.0.0.0/8 is this machine. */
  localAddress?: string;
}

export interface Plain {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Sends one request on a connection of its own. */
export function plainRequest(
  url: string,
  { method = 'GET', headers = {}, body, forMs, localAddress }: Wish = {},
): Promise<Plain> {
  return new Promise((resolve, reject) => {
    const { hostname, port, origin } = new URL(url);
    const isChunked = headers['transfer-encoding'] !== undefined;
    const own = body === undefined || isChunked ? headers : { 'content-length': String(Buffer.byteLength(body)), ...headers };
    const path = url.slice(origin.length) || '/';
    const options = {
      hostname,
      port,
      path,
      method,
      headers: own,
      agent: false as const,
      ...(localAddress ? { localAddress } : {}),
    };
    let isAnswered = false;
    const sent = request(options, (response) => {
      isAnswered = true;
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    // Who refuses a body may close before all of it is sent; the answer is there nevertheless.
    sent.on('error', (error) => (isAnswered ? undefined : reject(error)));
    if (forMs === undefined) sent.end(body);
    else void drip(sent, Buffer.from(body ?? ''), forMs / 10);
  });
}

async function drip(sent: ClientRequest, body: Buffer, pauseMs: number): Promise<void> {
  const size = Math.ceil(body.length / 10);
  for (let at = 0; at < body.length && !sent.destroyed; at += size) {
    sent.write(body.subarray(at, at + size));
    await delay(pauseMs);
  }
  sent.end();
}

/** Sends text as it is; gives everything that comes until the end. */
export function rawRequest(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let got = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      got += chunk;
    });
    socket.on('error', reject).on('end', () => resolve(got));
  });
}
