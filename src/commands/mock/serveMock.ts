import { appendFileSync, writeFileSync } from 'node:fs';
import { contractVersion } from '../../../generated/operations';
import type { Exchange } from '../../http/exchange';
import { createMockApp } from '../../http/mock/app';
import { type RunningServer, startServer } from '../../http/server';
import { urlOf } from '../listeners';
import type { Running } from '../running';

/** What the command line asks for. */
export interface MockWishes {
  host: string;
  port: number;
  corsOrigin?: string[];
  delayMs: number;
  record?: string;
}

/** Starts the mock, and tells where it answers. */
export async function serveMock(
  { host, port, corsOrigin, delayMs, record }: MockWishes,
  print: (text: string) => void,
): Promise<Running> {
  let url = '';
  if (record !== undefined) writeFileSync(record, '');
  const app = createMockApp({
    publicUrl: () => url,
    delayMs,
    corsOrigin,
    ended: (exchange, status) => record !== undefined && appendFileSync(record, `${JSON.stringify(lineOf(exchange, status))}\n`),
  });
  const server = await listening(startServer(app, { host, port, ...limits }), { host, port });
  url = urlOf(server);
  print(
    `Portolan's mock answers at ${url}\n  contract   ${url}/openapi.json   version ${contractVersion}\n  reference  ${url}/api/docs`,
  );
  return { stop: () => server.stop(500) };
}

const limits = {
  maxConnections: 1000,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 30_000,
  onRefusedConnection() {},
};

/** Which operation was asked for, and what became of it; nothing that the request held, which may be secret. */
function lineOf({ request, path, operationId, requestId }: Exchange, status: number) {
  return { method: request.method, path, operationId: operationId === 'none' ? null : operationId, status, requestId };
}

/** The service takes its address from variables, the mock from options. */
async function listening(
  starting: Promise<RunningServer>,
  { host, port }: { host: string; port: number },
): Promise<RunningServer> {
  try {
    return await starting;
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new Error(`Port ${port} of ${host} is taken by another process. Name a free one with --port, or 0 for any.`, {
        cause: error,
      });
    }
    if (code === undefined) throw error;
    throw new Error(`${host}:${port} cannot be listened on (${code}). Name another address with --host and --port.`, {
      cause: error,
    });
  }
}
