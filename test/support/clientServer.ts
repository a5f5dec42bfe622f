import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a client sent, as it stood on the wire. */
export interface Sent {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface ClientServer {
  url: string;
  sent: Sent[];
  close(): Promise<void>;
}

export type Reply = (sent: Sent, response: ServerResponse, nth: number) => void;

/** A service that says what a real one does not say on demand. `nth` counts from 1. */
export async function startClientServer(reply: Reply): Promise<ClientServer> {
  const sent: Sent[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const one = { method, url, headers, body: Buffer.concat(chunks).toString('latin1') };
    sent.push(one);
    reply(one, response, sent.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}
