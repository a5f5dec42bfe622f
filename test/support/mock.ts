import { Agent, request } from 'undici';
import type { OperationId } from '../../generated/operations';
import type { Exchange } from '../../src/http/exchange';
import { createMockApp, type MockOptions } from '../../src/http/mock/app';
import { startServer } from '../../src/http/server';
import { exampleBodyOf, factsOf, operationOf, parametersOf, resolve } from './contract';
import { bodyFor } from './multipart';
import type { Answered } from './portolan';

export interface MockCall {
  path?: Record<string, string>;
  query?: string;
  body?: unknown;
  headers?: Record<string, string>;
  prefer?: string;
  /** null = no credential; absent = some text. */
  token?: string | null;
}

export interface Mock {
  url: string;
  /** Calls an operation with the contract's own example, where nothing else is given. */
  call(id: OperationId, call?: MockCall): Promise<Answered>;
  send(method: string, path: string, call?: MockCall): Promise<Answered>;
  close(): Promise<void>;
}

/** Starts the mock in this process. */
export async function startMock(options: Partial<MockOptions> = {}): Promise<Mock> {
  let url = '';
  const ended = (_exchange: Exchange, _status: number) => {};
  const app = createMockApp({ publicUrl: () => url, delayMs: 0, corsOrigin: undefined, ended, ...options });
  const limits = { maxConnections: 100, headersTimeoutMs: 10_000, requestTimeoutMs: 10_000, onRefusedConnection() {} };
  const server = await startServer(app, { host: '127.0.0.1', port: 0, ...limits });
  url = `http://127.0.0.1:${server.port}`;
  const agent = new Agent();
  const send = async (method: string, path: string, call: MockCall = {}): Promise<Answered> => {
    const { body, token = 'some-token', prefer } = call;
    const sent = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const response = await request(`${url}${path}${call.query ? `?${call.query}` : ''}`, {
      method: method as 'GET',
      dispatcher: agent,
      ...(sent === undefined ? {} : { body: sent }),
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...(prefer === undefined ? {} : { prefer }),
        ...call.headers,
      },
    });
    const type = String(response.headers['content-type'] ?? '');
    const text = type.startsWith('text/event-stream') ? await firstOf(response.body) : await response.body.text();
    const isJson = type.startsWith('application/json');
    return { status: response.statusCode, headers: response.headers, body: isJson && text ? JSON.parse(text) : text, text };
  };
  return {
    url,
    send,
    call(id, call = {}) {
      const content = factsOf(id).body?.form ? formFor(id) : bodyFor(id, call.body ?? exampleBodyOf(id));
      const headers = { ...content.headers, ...call.headers };
      return send(factsOf(id).method.toUpperCase(), pathWith(id, call.path), { ...call, ...content, headers });
    },
    async close() {
      await agent.close();
      await server.stop(0);
    },
  };
}

/** The contract's example of a form. */
function formFor(id: OperationId): { body?: unknown; headers: Record<string, string> } {
  const [media] = Object.values(operationOf(id).requestBody?.content ?? {});
  const [example] = Object.values((media as { examples?: Record<string, { value: Record<string, string> }> })?.examples ?? {});
  return {
    body: new URLSearchParams(example?.value).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  };
}

/** The path of an operation, with some id for each that is not given. */
function pathWith(id: OperationId, given: Record<string, string> = {}): string {
  return factsOf(id).path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = parametersOf(id, 'path').find((one) => one.name === name) as { example?: unknown } | undefined;
    const example = parameter?.example ?? (resolve(parameter) as { schema?: { example?: unknown } } | undefined)?.schema?.example;
    return encodeURIComponent(given[name] ?? String(example ?? '01920000-0000-7000-8000-00000000a001'));
  });
}

/** The first events of a stream, which has no end. */
async function firstOf(body: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<string> {
  for await (const chunk of body) return chunk.toString();
  return '';
}
