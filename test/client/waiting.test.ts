import { createPortolan } from '../../src/client';
import { answerJson, type ClientServer, type Reply, startClientServer } from '../support/clientServer';

let server: ClientServer;
afterEach(() => server.close());
const start = async (reply: Reply) => {
  server = await startClientServer(reply);
  return createPortolan({ url: server.url, retries: { baseDelayMs: 1 } });
};
const at = (state: string, members: object = {}) => ({
  operation: { id: 'o1', kind: 'registry.checkUpdates', state, ...members },
});
/** One state for each question; the last one stays. */
const inTurn =
  (...states: object[]): Reply =>
  (_, response, nth) =>
    answerJson(response, 200, states[Math.min(nth, states.length) - 1], { 'Retry-After': '1' });

describe('waitForOperation', () => {
  test('tells each change once, and gives the operation when it has succeeded', async () => {
    const [half, whole] = [{ progress: { done: 1, total: 2 } }, { progress: { done: 2, total: 2 }, result: { checked: 2 } }];
    const portolan = await start(inTurn(at('queued'), at('running', half), at('running', half), at('succeeded', whole)));
    const told: string[] = [];
    const operation = await portolan.waitForOperation('o1', {
      onProgress: ({ state, progress }) => told.push(`${state} ${progress?.done ?? '-'}`),
    });
    expect(told).toEqual(['queued -', 'running 1', 'succeeded 2']);
    expect(operation.result).toEqual({ checked: 2 });
    expect(server.sent.map(({ url }) => url)).toEqual(Array(4).fill('/api/operations/o1'));
  });

  test('throws why it failed', async () => {
    const error = {
      code: 'SERVICE_UNAVAILABLE',
      message: 'The registry is away.',
      hint: 'Look there.',
      requestId: 'req_9',
      details: { upstream: {} },
    };
    const portolan = await start(inTurn(at('failed', { error })));
    await expect(portolan.waitForOperation('o1')).rejects.toMatchObject({
      name: 'PortolanError',
      code: 'SERVICE_UNAVAILABLE',
      message: 'The registry is away.',
      hint: 'Look there.',
      requestId: 'req_9',
      details: { reason: { upstream: {} }, operation: { id: 'o1' } },
    });
  });

  test('throws CANCELLED when somebody cancelled it', async () => {
    const portolan = await start(inTurn(at('cancelled', { error: null })));
    await expect(portolan.waitForOperation('o1')).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('throws TIMEOUT when it takes too long, with the state it is in', async () => {
    const portolan = await start(inTurn(at('running')));
    await expect(portolan.waitForOperation('o1', { timeoutMs: 150 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      details: { operation: { state: 'running' } },
    });
  });

  test('ends with its signal', async () => {
    const portolan = await start(inTurn(at('running')));
    const stop = new AbortController();
    const waiting = portolan.waitForOperation('o1', {
      signal: stop.signal,
      onProgress: () => setTimeout(() => stop.abort(), 20),
    });
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
  });

  test('throws what the service refuses', async () => {
    const portolan = await start((_, response) =>
      answerJson(response, 404, { code: 'NOT_FOUND', message: 'No.', requestId: 'r' }),
    );
    await expect(portolan.waitForOperation('o1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
