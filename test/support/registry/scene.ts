import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { registry as connection, containerImage } from '../catalogue';
import type { Portolan } from '../portolan';
import type { TestRegistry } from './registry';

/** A connection to a real registry with the credentials of its first user, as the API answers it. */
export function connectionTo(portolan: Portolan, envId: string, registry: TestRegistry, members: object = {}): Promise<any> {
  const { url: registryUrl, username, password } = registry;
  const credentials = username === null ? {} : { username, password };
  return connection(portolan, envId, { registryUrl, ...credentials, ...members });
}

/** An image of a real registry that is linked to a connection. */
export const imageOf = (portolan: Portolan, envId: string, registry: TestRegistry, path: string, members: object = {}) =>
  containerImage(portolan, envId, { imageName: `${registry.host}/${path}`, ...members });

export interface FakeRegistry {
  url: string;
  host: string;
  /** Paths that were asked for, with their queries. */
  seen: string[];
  /** Requests whose clients went away before they were answered. */
  readonly aborted: number;
  close(): Promise<void>;
}

/** What a registry would say that a real one does not say on demand. An answer that is not ended hangs. */
export async function fakeRegistry(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<FakeRegistry> {
  const seen: string[] = [];
  let aborted = 0;
  const server: Server = createServer((request, response) => {
    seen.push(String(request.url));
    response.on('close', () => {
      if (!response.writableFinished) aborted++;
    });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    seen,
    get aborted() {
      return aborted;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Waits until something is so; fails with its last state. */
export async function until<T>(look: () => T | Promise<T>, isSo: (value: T) => boolean, forMs = 10_000): Promise<T> {
  for (const end = Date.now() + forMs; ; ) {
    const value = await look();
    if (isSo(value)) return value;
    if (Date.now() > end) throw new Error(`It did not come to it: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
