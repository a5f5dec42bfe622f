import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A registry, token server and API in one that knows every secret it was shown, and tells it whenever it fails. */
export interface TellTale {
  url: string;
  host: string;
  /** How clients have to authenticate at `/v2/`. */
  challenge: 'basic' | 'bearer' | 'none';
  /** Which requests fail: what the client asks for, or the way to its token. */
  failing: 'resource' | 'login';
  fault: Fault;
  /** Everything that clients sent, as one text for each request. */
  received: string[];
  /** Tokens that it issued. */
  issued: string[];
  close(): Promise<void>;
}

/** Ends the response in some wrong way, with `said` in it wherever it fits. */
export type Fault = (response: ServerResponse, said: string, request: IncomingMessage) => void;

export async function startTellTale(secretOfRefresh: string): Promise<TellTale> {
  const http = createServer((request, response) => void handle(request, response));
  const received: string[] = [];
  const issued: string[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const { authorization = '' } = request.headers;
    const shown = `${authorization} ${authorization.replace(/^\w+ /, '')} ${decoded(authorization)} ${body}`.trim();
    received.push(`${request.method} ${request.url} ${shown}`);
    const path = (request.url ?? '').split('?')[0] ?? '';
    const isLogin = path === '/token' || path === '/v2/auth/token' || path === '/v2/users/login';
    if (!isLogin && path.startsWith('/v2/') && !path.startsWith('/v2/namespaces/') && !path.startsWith('/v2/registry/')) {
      if (tale.challenge !== 'none' && request.headers.authorization === undefined) return challenged(response);
    }
    if ((tale.failing === 'login') === isLogin && path !== '/v2/') return tale.fault(response, shown, request);
    if (isLogin) return tokens(response);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }

  function challenged(response: ServerResponse): void {
    const bearer = `Bearer realm="${tale.url}/token",service="tale",scope="repository:acme/shop:pull"`;
    response.writeHead(401, { 'www-authenticate': tale.challenge === 'basic' ? 'Basic realm="tale"' : bearer }).end();
  }

  function tokens(response: ServerResponse): void {
    const token = `issued-canary-${issued.length}-opaque`;
    issued.push(token);
    const body = { token, access_token: token, refresh_token: secretOfRefresh, expires_in: 300 };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  const tale: TellTale = {
    url: `http://${host}`,
    host,
    challenge: 'bearer',
    failing: 'resource',
    fault: (response) => void response.writeHead(500).end(),
    received,
    issued,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return tale;
}

/** User name and password inside a Basic header. */
const decoded = (authorization: string): string =>
  authorization.startsWith('Basic ') ? Buffer.from(authorization.slice(6), 'base64').toString('utf8') : '';
