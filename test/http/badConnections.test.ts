import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { environment, unique } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { openRaw, rawRequest, sendRaw } from '../support/rawHttp';

/** Clients that are slow, hasty, gone, or too many. */

const createBody = () => JSON.stringify({ name: unique('registry'), type: 'generic', registryUrl: 'ghcr.io' });

describe('a slow client', () => {
  let portolan: Portolan;
  beforeAll(async () => {
    portolan = await startPortolan({ HEADERS_TIMEOUT_MS: '400', REQUEST_TIMEOUT_MS: '800' });
  });
  afterAll(() => portolan.close());

  /** Sends the bytes one by one, and gives the answer and how long it took. */
  async function trickle(first: Buffer | string, rest: string) {
    const began = Date.now();
    const connection = openRaw(portolan.url);
    connection.write(first);
    const timer = setInterval(() => {
      if (rest) connection.write(rest.slice(0, 1));
      rest = rest.slice(1);
    }, 100);
    const answer = await connection.next();
    await connection.closed;
    clearInterval(timer);
    return { answer, tookMs: Date.now() - began };
  }

  test('that sends its headers byte by byte is answered 408 and closed', async () => {
    const { answer, tookMs } = await trickle('', `GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ${'x'.repeat(500)}\r\n\r\n`);
    expect([answer?.status, answer?.body.code]).toEqual([408, 'VALIDATION_ERROR']);
    expect(answer?.headers['x-request-id']).toBe(answer?.body.requestId);
    expect(tookMs).toBeLessThan(3000);
  });

  test('that sends its body byte by byte is answered 408 and closed', async () => {
    const path = '/api/auth/login';
    const head = rawRequest({ method: 'POST', path, headers: ['Content-Length: 500', 'Content-Type: application/json'] });
    const { answer, tookMs } = await trickle(head, 'x'.repeat(500));
    expect([answer?.status, answer?.body.code]).toEqual([408, 'VALIDATION_ERROR']);
    expect(tookMs).toBeLessThan(4000);
  });

  test('that says nothing is closed', async () => {
    const began = Date.now();
    await openRaw(portolan.url).closed;
    expect(Date.now() - began).toBeLessThan(3000);
  });

  test('that is quick is not harmed, also after a pause on the same connection', async () => {
    const connection = openRaw(portolan.url);
    for (let i = 0; i < 2; i++) {
      connection.write(rawRequest({ path: '/health' }));
      expect((await connection.next())?.status).toBe(200);
      await delay(1500);
    }
    connection.end();
  });
});

describe('on one connection', () => {
  let portolan: Portolan;
  let envId: string;
  beforeAll(async () => {
    portolan = await startPortolan();
    envId = await environment(portolan);
  });
  afterAll(() => portolan.close());
  const bearer = () => `Authorization: Bearer ${portolan.adminToken}`;
  const creation = (headers: string[] = []) =>
    rawRequest({
      method: 'POST',
      path: `/api/environments/${envId}/registries`,
      headers: [bearer(), ...headers],
      body: createBody(),
    });
  const registries = async (): Promise<{ name: string }[]> =>
    (await portolan.call('listRegistries', { path: { envId }, query: { limit: 1000 } })).body.registries;

  test('requests that come at once are answered in their order, slow ones and failing ones too', async () => {
    const login = JSON.stringify({ email: 'nobody@example.com', password: 'wrong' });
    const requests = [
      { method: 'POST', path: '/api/auth/login', body: login },
      { path: '/health' },
      { path: '/nowhere' },
      { path: `/api/environments/${envId}/registries`, headers: [bearer()] },
      { method: 'POST', path: '/api/auth/login', body: login },
      { method: 'DELETE', path: '/health' },
      { path: '/ready' },
    ];
    const connection = openRaw(portolan.url);
    connection.write(
      Buffer.concat(requests.map((one, i) => rawRequest({ ...one, headers: [...(one.headers ?? []), `X-Request-Id: r${i}`] }))),
    );
    const answers = [];
    for (const _ of requests) answers.push(await connection.next());
    connection.end();
    expect(answers.map((answer) => [answer?.headers['x-request-id'], answer?.status])).toEqual([
      ['r0', 401],
      ['r1', 200],
      ['r2', 404],
      ['r3', 200],
      ['r4', 401],
      ['r5', 404],
      ['r6', 200],
    ]);
  });

  test('a body that is cut off writes nothing', async () => {
    const before = (await registries()).length;
    for (const share of [0.1, 0.5, 0.99]) {
      const bytes = creation();
      const connection = openRaw(portolan.url);
      connection.write(bytes.subarray(0, Math.floor(bytes.length * share)));
      await delay(50);
      connection.socket.resetAndDestroy();
    }
    const chunked = openRaw(portolan.url);
    chunked.write(
      rawRequest({
        method: 'POST',
        path: `/api/environments/${envId}/registries`,
        headers: [bearer(), 'Transfer-Encoding: chunked', 'Content-Type: application/json'],
      }),
    );
    const body = createBody();
    chunked.write(`${body.length.toString(16)}\r\n${body}\r\n`);
    await delay(50);
    chunked.end();
    await delay(200);
    expect((await registries()).length).toBe(before);
    expect((await sendRaw(portolan.url, { path: '/ready' })).status).toBe(200);
  });

  test('a client that goes before its answer and tries again with its key has one object', async () => {
    const bytes = Array.from({ length: 30 }, () => creation([`Idempotency-Key: ${unique('gone')}`]));
    const before = (await registries()).length;
    await Promise.all(
      bytes.map(async (request, i) => {
        const connection = openRaw(portolan.url);
        connection.write(request);
        await delay(i % 10);
        connection.socket.resetAndDestroy();
      }),
    );
    for (const request of bytes) {
      for (let status = 409; status === 409; ) {
        const connection = openRaw(portolan.url);
        connection.write(request);
        status = (await connection.next())?.status ?? 0;
        connection.end();
        expect([201, 409]).toContain(status);
      }
    }
    expect((await registries()).length).toBe(before + bytes.length);
  });
});

describe('with as many connections as are allowed', () => {
  const files = Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1024);
  const most = Math.min(10_000, files - 500);
  const tooMany = 50;
  let portolan: Portolan;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    // Silent connections stay for the whole test.
    portolan = await startPortolan({ MAX_CONNECTIONS: String(most), HEADERS_TIMEOUT_MS: '60000', REQUEST_TIMEOUT_MS: '60000' });
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await portolan.close();
  });
  const refused = async () =>
    Number(/portolan_refused_connections_total (\d+)/.exec((await portolan.call('getMetricsExposition')).text)?.[1]);

  test(`${most} are kept, the next ones closed; who was there is served, and all is well again afterwards`, async () => {
    const early = openRaw(portolan.url);
    const ask = async () => {
      early.write(rawRequest({ path: '/api/auth/me', headers: [`Authorization: Bearer ${portolan.adminToken}`] }));
      return (await early.next())?.status;
    };
    expect(await ask()).toBe(200);

    const script = join(__dirname, '..', 'support', 'idleConnections.js');
    child = spawn(process.execPath, [script, new URL(portolan.url).port, String(most + tooMany)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    const full = JSON.parse((await lines.next()).value);
    // The early connection, and some of the test's own client, count too.
    expect(full.open).toBeLessThan(most);
    expect(full.open).toBeGreaterThan(most - 70);
    expect(full.closed).toBe(most + tooMany - full.open);
    expect(await refused()).toBeGreaterThanOrEqual(full.closed);

    const late = openRaw(portolan.url);
    late.write(rawRequest({ path: '/health' }));
    expect(await late.next()).toBeUndefined();
    for (let i = 0; i < 5; i++) expect(await ask()).toBe(200);

    child.kill('SIGKILL');
    await new Promise((resolve) => child?.on('close', resolve));
    await delay(300);
    expect(await ask()).toBe(200);
    expect((await sendRaw(portolan.url, { path: '/ready' })).status).toBe(200);
    early.end();
  });
});
