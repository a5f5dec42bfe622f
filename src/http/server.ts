import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Express } from 'express';
import { uuidv7 } from 'uuidv7';

export interface ServerOptions {
  host: string;
  /** 0 = any free port. */
  port: number;
  /** Connections at most; one more is closed at once. */
  maxConnections: number;
  /** How long a client may take to send its headers, and its whole request. */
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  onRefusedConnection(): void;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** Stops accepting, lets running requests finish for `graceMs`, then cuts what is left. */
  stop(graceMs: number): Promise<void>;
}

/** Starts listening; fails with a message a person can act on when the port is taken. */
export async function startServer(app: Express, options: ServerOptions): Promise<RunningServer> {
  const server = createServer({ ...bornFor(app), maxHeaderSize: 32 * 1024, connectionsCheckingInterval: 1000 }, app);
  server.headersTimeout = options.headersTimeoutMs;
  server.requestTimeout = options.requestTimeoutMs;
  server.keepAliveTimeout = 65_000;
  server.maxConnections = options.maxConnections;
  server.on('drop', options.onRefusedConnection);
  server.on('clientError', answerClientError);
  // An expectation that nobody knows is ignored; node would refuse it without a word.
  server.on('checkExpectation', app);
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return { host: options.host, port, stop: (graceMs) => stop(server, graceMs) };
}

/**
 * Express changes the prototype of each request and response, which costs half of its time. Objects that are born with
 * express's prototypes make that a no-op.
 */
function bornFor(app: Express) {
  function BornRequest(this: IncomingMessage, socket: Socket) {
    (IncomingMessage as unknown as (socket: Socket) => void).call(this, socket);
  }
  function BornResponse(this: ServerResponse, request: IncomingMessage, options: unknown) {
    (ServerResponse as unknown as (request: IncomingMessage, options: unknown) => void).call(this, request, options);
  }
  BornRequest.prototype = app.request;
  BornResponse.prototype = app.response;
  return { IncomingMessage: BornRequest as never, ServerResponse: BornResponse as never };
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        reject(new Error(`Port ${port} of ${host} is taken by another process. Set PORT to a free one.`, { cause: error }));
      } else if (error.code === 'EACCES') {
        reject(new Error(`Port ${port} may not be opened by this user. Set PORT to one above 1023.`, { cause: error }));
      } else if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
        reject(
          new Error(`${host} is no address of this machine. Set HOST to one that is, or to 0.0.0.0 for all.`, { cause: error }),
        );
      } else reject(error);
    });
    server.listen(port, host, () => resolve());
  });
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}

/** What the parser cannot read has no request, but gets an answer of the same shape. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message, hint] = clientErrors[error.code ?? ''] ?? [
    '400 Bad Request',
    'This is no HTTP request.',
    'Check the client.',
  ];
  const requestId = `req_${uuidv7()}`;
  const body = JSON.stringify({ code: 'VALIDATION_ERROR', message, field: '', hint, requestId });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `X-Request-Id: ${requestId}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n${body}`,
  );
}

const clientErrors: Record<string, [status: string, message: string, hint: string]> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'The headers are larger than 32 KiB.',
    'Send less in headers and in the query.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.', 'Send it again, faster.'],
};
