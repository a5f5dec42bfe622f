import { createPortolan, type RetryOptions } from '../../src/client';
import { backOffMs, pauseMs, retryAfterMs, standardRetries } from '../../src/client/retries';
import { answerJson, type ClientServer, type Reply, startClientServer } from '../support/clientServer';

let server: ClientServer;
afterEach(() => server?.close());
const patience: RetryOptions = { attempts: 4, baseDelayMs: 1 };
const start = async (reply: Reply, retries: RetryOptions | false = patience) => {
  server = await startClientServer(reply);
  return createPortolan({ url: server.url, token: 't', retries });
};
const body = { name: 'prod' };
const problem = (code: string) => ({ code, message: 'No.', requestId: 'req_1' });
const keys = () => server.sent.map(({ headers }) => headers['idempotency-key']);

describe('a write', () => {
  test('whose connection breaks is sent again with the same key and body', async () => {
    const portolan = await start((_, response, nth) => {
      if (nth < 3) response.destroy();
      else answerJson(response, 201, { environment: { name: 'prod' } });
    });
    expect((await portolan.call.createEnvironment({ body })).environment.name).toBe('prod');
    expect(server.sent.map((sent) => sent.body)).toEqual(Array(3).fill(JSON.stringify(body)));
    expect(keys()[0]).toMatch(/^sdk-[0-9a-f]{32}$/);
    expect(new Set(keys()).size).toBe(1);
  });

  test('whose answer breaks off is sent again', async () => {
    const portolan = await start((_, response, nth) => {
      if (nth > 1) return answerJson(response, 201, { environment: { name: 'prod' } });
      response.writeHead(201, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"environment":', () => response.destroy());
    });
    expect((await portolan.call.createEnvironment({ body })).environment.name).toBe('prod');
    expect(new Set(keys()).size).toBe(1);
    expect(keys()).toHaveLength(2);
  });

  test('has a key of its own, unless the caller gives one', async () => {
    const portolan = await start((_, response) => answerJson(response, 201, {}));
    await portolan.call.createEnvironment({ body });
    await portolan.call.createEnvironment({ body });
    await portolan.call.createEnvironment({ body, header: { 'Idempotency-Key': 'mine' } });
    expect([new Set(keys()).size, keys()[2]]).toEqual([3, 'mine']);
  });

  test('waits for its first try where that still runs (409 with Retry-After)', async () => {
    const portolan = await start((_, response, nth) => {
      if (nth === 1) response.destroy();
      else if (nth === 2) answerJson(response, 409, problem('CONFLICT'), { 'Retry-After': '0' });
      else answerJson(response, 201, { environment: { name: 'prod' } });
    });
    expect((await portolan.call.createEnvironment({ body })).environment.name).toBe('prod');
    expect(server.sent).toHaveLength(3);
  });

  test('of a file sends the whole file again', async () => {
    const portolan = await start((_, response, nth) => (nth < 2 ? response.destroy() : answerJson(response, 201, {})));
    await portolan.call.uploadConfigAsset({ path: { envId: 'e' }, body: { file: new Blob(['x'.repeat(100_000)]), name: 'x' } });
    expect(server.sent.map((sent) => sent.body.length > 100_000)).toEqual([true, true]);
  });

  test('without a key is not sent again when it may have been done', async () => {
    const portolan = await start((_, response) => response.destroy());
    await expect(portolan.call.createApp({ body: {} as never })).rejects.toMatchObject({ code: 'NETWORK' });
    expect(server.sent).toHaveLength(1);
  });

  test('without a key is sent again when a limit refused it', async () => {
    const refusal = { errors: [{ code: 10013, title: 'CF-RateLimitExceeded', detail: 'Slow down' }] };
    const portolan = await start((_, response, nth) =>
      nth === 1 ? answerJson(response, 429, refusal, { 'Retry-After': '0' }) : answerJson(response, 201, { guid: 'g' }),
    );
    expect((await portolan.call.createApp({ body: {} as never })).guid).toBe('g');
  });
});

describe('a call', () => {
  test.each([429, 503])('that is answered %i is made again', async (status) => {
    const portolan = await start((_, response, nth) =>
      nth < 4 ? answerJson(response, status, problem('RATE_LIMITED')) : answerJson(response, 200, { status: 'ok' }),
    );
    expect((await portolan.call.getHealth()).status).toBe('ok');
    expect(server.sent).toHaveLength(4);
  });

  test('ends with the last answer when its tries are used up', async () => {
    const portolan = await start((_, response) => answerJson(response, 503, problem('SERVICE_UNAVAILABLE')));
    await expect(portolan.call.getHealth()).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      status: 503,
      requestId: 'req_1',
    });
    expect(server.sent).toHaveLength(4);
  });

  test.each([400, 404, 409, 500, 502])('that is answered %i is not made again', async (status) => {
    const portolan = await start((_, response) => answerJson(response, status, problem('INTERNAL')));
    await expect(portolan.call.getHealth()).rejects.toMatchObject({ status });
    expect(server.sent).toHaveLength(1);
  });

  test('is tried as often as it says, over what the client says', async () => {
    const portolan = await start((_, response) => response.destroy(), false);
    await expect(portolan.call.getHealth()).rejects.toMatchObject({
      code: 'NETWORK',
      hint: expect.stringContaining('CORS_ORIGIN'),
    });
    expect(server.sent).toHaveLength(1);
    await expect(portolan.call.getHealth({ retries: { attempts: 2, baseDelayMs: 1 } })).rejects.toMatchObject({
      code: 'NETWORK',
    });
    expect(server.sent).toHaveLength(3);
  });

  test('does not wait for longer than maxDelayMs, and says when to come again', async () => {
    const portolan = await start((_, response) => answerJson(response, 429, problem('RATE_LIMITED'), { 'Retry-After': '3600' }), {
      attempts: 3,
      maxDelayMs: 1000,
    });
    await expect(portolan.call.getHealth()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 3_600_000 });
    expect(server.sent).toHaveLength(1);
  });

  test('that gets no answer in time is tried again, and fails as TIMEOUT', async () => {
    const portolan = await start(() => {}, { attempts: 2, baseDelayMs: 1 });
    await expect(portolan.call.getHealth({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT', operationId: 'getHealth' });
    expect(server.sent).toHaveLength(2);
  });
});

describe('a signal', () => {
  test('ends a try', async () => {
    const stop = new AbortController();
    const portolan = await start(() => stop.abort(new Error('enough')));
    const failure = await portolan.call.getHealth({ signal: stop.signal }).catch((error) => error);
    expect(failure).toMatchObject({ name: 'PortolanError', code: 'ABORTED', cause: { message: 'enough' } });
    expect(server.sent).toHaveLength(1);
  });

  test('ends a pause', async () => {
    const stop = new AbortController();
    const portolan = await start((_, response) => {
      answerJson(response, 503, problem('SERVICE_UNAVAILABLE'), { 'Retry-After': '50' });
      response.on('close', () => setTimeout(() => stop.abort(), 20));
      response.socket?.end();
    });
    await expect(portolan.call.getHealth({ signal: stop.signal })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(server.sent).toHaveLength(1);
  });

  test('that is over before lets nothing be sent', async () => {
    const portolan = await start((_, response) => answerJson(response, 200, {}));
    await expect(portolan.call.getHealth({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(server.sent).toEqual([]);
  });
});

describe('pauses', () => {
  test('double, are half chance, and have an end', () => {
    const retries = { attempts: 9, baseDelayMs: 100, maxDelayMs: 1000 };
    expect([1, 2, 3, 4, 5, 6].map((tried) => backOffMs(tried, retries, 1))).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect([1, 2, 5].map((tried) => backOffMs(tried, retries, 0))).toEqual([50, 100, 500]);
  });

  test('are never shorter than Retry-After, in seconds or as a date', () => {
    const now = Date.parse('2026-03-01T08:00:00Z');
    const read = (value: string) => retryAfterMs(new Headers({ 'Retry-After': value }), now);
    expect(['7', 'Sun, 01 Mar 2026 08:00:09 GMT', 'Sun, 01 Mar 2026 07:00:00 GMT', 'soon'].map(read)).toEqual([
      7000,
      9000,
      0,
      undefined,
    ]);
    const answer = new Response(null, { status: 503, headers: { 'Retry-After': '5' } });
    for (let times = 0; times < 100; times++) {
      expect(pauseMs({ tried: 1, repeatable: true, answer }, standardRetries)).toBeGreaterThanOrEqual(5000);
    }
  });
});
