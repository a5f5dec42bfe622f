import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';

/** A server on which every byte can be wrong: for faults that a real registry does not produce on demand. */

export interface SentRequest {
  method: string;
  /** Path with query, as sent. */
  target: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: string;
}

export interface Reply {
  status: number;
  headers?: Record<string, string | string[]>;
  /** JSON unless it is text. */
  body?: unknown;
}

/** An answer, or what is done with the connection instead. */
export type Behaviour = Reply | ((socket: Socket) => void);

export interface FakeRegistry {
  port: number;
  /** All that ever came, oldest first; kept for looking after credentials. */
  requests: SentRequest[];
  /** How the next requests are answered. */
  behave(request: SentRequest): Behaviour;
  close(): Promise<void>;
}

/** Begins to listen on 127.0.0.1. */
export async function startFakeRegistry(
  behave: (request: SentRequest) => Behaviour,
  tls?: { key: string; cert: string },
): Promise<FakeRegistry> {
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket, fake);
  };
  const server = tls ? createTlsServer(tls, onSocket) : createServer(onSocket);
  server.on('tlsClientError', () => {});
  const fake: FakeRegistry = {
    port: 0,
    requests: [],
    behave,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  fake.port = (server.address() as { port: number }).port;
  return fake;
}

function serve(socket: Socket, fake: FakeRegistry): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    // What servers of plain http say to the beginning of TLS.
    if (received[0] === 0x16) return socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    for (;;) {
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = requestOf(received.subarray(0, end).toString('latin1'));
      const length = Number(head.headers['content-length'] ?? 0);
      if (received.length < end + 4 + length) return;
      const request = { ...head, body: received.subarray(end + 4, end + 4 + length).toString('utf8') };
      received = received.subarray(end + 4 + length);
      fake.requests.push(request);
      const behaviour = fake.behave(request);
      if (typeof behaviour === 'function') behaviour(socket);
      else socket.write(bytesOf(behaviour, request.method));
    }
  });
}

function requestOf(head: string): Omit<SentRequest, 'body'> {
  const [line = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = line.split(' ');
  const [path = '', query = ''] = target.split('?', 2);
  const headers = Object.fromEntries(
    lines.map((each) => [each.slice(0, each.indexOf(':')).toLowerCase(), each.slice(each.indexOf(':') + 1).trim()]),
  );
  return { method, target, path, query: new URLSearchParams(query), headers };
}

/** The bytes of an answer with a true length. */
export function bytesOf({ status, headers = {}, body }: Reply, method = 'GET'): Buffer {
  const isText = typeof body === 'string';
  const content = Buffer.isBuffer(body) ? body : Buffer.from(body === undefined ? '' : isText ? body : JSON.stringify(body));
  const all = {
    'content-type': isText ? 'text/plain' : 'application/json',
    'content-length': String(content.length),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}`));
  const head = Buffer.from(`HTTP/1.1 ${status} Said\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return method === 'HEAD' || status === 304 ? head : Buffer.concat([head, content]);
}

/** Writes text as it is; `end` closes the connection after it. */
export const raw =
  (text: string, end = false) =>
  (socket: Socket): void => {
    socket.write(text, 'latin1');
    if (end) socket.end();
  };

/** Takes the request and never answers. */
export const silence = (): void => {};

/** Cuts the connection with a reset; below TLS, without a farewell. */
export const reset = (socket: Socket): void => {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
};
