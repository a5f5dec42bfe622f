import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a stand-in server saw it. */
export interface SeenRequest {
  method: string;
  /** As it stood on the wire, percent-encoded, without the query. */
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  requestId: string | undefined;
  /** Parsed JSON of the request; undefined without a body. */
  body: any;
}

export interface StandInAnswer {
  status: number;
  headers?: Record<string, string>;
  /** JSON unless it is text. */
  body?: unknown;
}

/** What a stand-in answers instead of its usual answer; undefined for the usual one. */
export type Fault = (request: SeenRequest) => StandInAnswer | undefined;

export interface LoopbackServer {
  url: string;
  /** Requests so far, oldest first. */
  requests: SeenRequest[];
  /** Asked before each usual answer. */
  fault: Fault | undefined;
  close(): Promise<void>;
}

/** An HTTP server on the loopback address that answers with what `answer` returns. */
export async function startLoopbackServer(answer: (request: SeenRequest, url: string) => StandInAnswer): Promise<LoopbackServer> {
  const http = createServer((request, response) => void handle(request, response));
  const server: LoopbackServer = { url: '', requests: [], fault: undefined, close: () => closed(http) };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = await seenIn(request);
    server.requests.push(seen);
    const { status, headers = {}, body } = server.fault?.(seen) ?? answer(seen, server.url);
    const isText = typeof body === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/html; charset=utf-8' : 'application/json', ...headers });
    response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body));
  }

  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  server.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return server;
}

async function seenIn(request: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const requestId = request.headers['x-request-id'];
  return {
    method: request.method ?? '',
    path,
    query: new URLSearchParams(query),
    authorization: request.headers.authorization,
    requestId: typeof requestId === 'string' ? requestId : undefined,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

function closed(http: ReturnType<typeof createServer>): Promise<void> {
  http.closeAllConnections();
  return new Promise((resolve) => {
    http.close(() => resolve());
  });
}
