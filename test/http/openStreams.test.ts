import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Verdict } from '../../src/auth/authenticator';
import type { Principal } from '../../src/domain/access/principal';
import type { Exchange } from '../../src/http/exchange';
import { createOpenStreams, type OpenStreams, type OpenStreamsOptions } from '../../src/http/openStreams';
import type { StreamSink } from '../../src/operations/handler';

const principal: Principal = {
  kind: 'user',
  id: '01920000-0000-7000-8000-000000000001',
  email: 'ada@example.com',
  name: null,
  role: 'admin',
  scopes: null,
  environmentIds: null,
  credential: { kind: 'login', id: '01920000-0000-7000-8000-000000000002' },
  installationSuspended: false,
};

let server: Server;
let streams: OpenStreams;
let sink: StreamSink;
let exchange: Exchange;
let admitted: Principal[] = [];
let closed = 0;
let verdict: () => Promise<Verdict>;
const sockets: Socket[] = [];

/** A server whose every answer is a stream. */
async function start(options: Partial<OpenStreamsOptions>): Promise<void> {
  admitted = [];
  closed = 0;
  verdict = async () => ({ principal, expiresAtMs: Date.now() + 3_600_000 });
  const look = async () => new Map([[principal.credential, await verdict()]]);
  streams = createOpenStreams({ look, mostPerPrincipal: 10, ...options });
  server = createServer((request, response) => {
    exchange = { request, response, principal, headers: {} } as unknown as Exchange;
    streams.open(exchange, 'text/event-stream', (given) => {
      sink = given;
      return {
        admit: (one) => void admitted.push(one),
        beat: () => void given.write(':\n\n'),
        close: () => void closed++,
      };
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function open(method = 'GET'): Promise<{ socket: Socket; text(): string; gone: Promise<void> }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  const gone = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.write(`${method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  await until(() => text.includes('\r\n\r\n'));
  return { socket, text: () => text, gone };
}

async function until(good: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 8000; !good(); ) {
    if (Date.now() > deadline) throw new Error('never came');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('an open stream', () => {
  test('says something when nothing happens', async () => {
    await start({ heartbeatMs: 10 });
    const client = await open();
    await until(() => client.text().split(':\n\n').length > 2);
  });

  test('is cut when its client does not read what waits for it', async () => {
    await start({ patienceMs: 100, behindBytes: 1000 });
    const client = await open();
    client.socket.pause();
    expect(sink.write('x'.repeat(1024 * 1024))).toBe(false);
    // What systems keep for a connection fills first.
    for (let megabytes = 0; exchange.stream?.end === undefined && megabytes < 100; megabytes++) {
      sink.write('x'.repeat(1024 * 1024));
      await sink.drained();
    }
    expect(exchange.stream?.end).toBe('slow');
    await until(() => streams.count === 0);
    expect(closed).toBeGreaterThan(0);
  });

  test('goes on when its client was only slow', async () => {
    await start({ patienceMs: 5000, behindBytes: 1000 });
    const client = await open();
    client.socket.pause();
    let waiting = true;
    while (waiting) {
      sink.write('x'.repeat(1024 * 1024));
      const soon = new Promise<'soon'>((resolve) => setTimeout(resolve, 100, 'soon'));
      waiting = (await Promise.race([sink.drained(), soon])) !== 'soon';
    }
    client.socket.resume();
    await sink.drained();
    expect([exchange.stream?.end, streams.count]).toEqual([undefined, 1]);
  });

  test('learns what its principal may do from now on', async () => {
    await start({});
    await open();
    await until(() => admitted.length > 0);
    const weaker = { ...principal, role: 'viewer' as const };
    verdict = async () => ({ principal: weaker, expiresAtMs: Date.now() + 60_000 });
    streams.recheck();
    await until(() => admitted.at(-1) === weaker);
    expect(streams.count).toBe(1);
  });

  test('is looked at again although nobody said a word', async () => {
    await start({ checkMs: 10 });
    const client = await open();
    await until(() => admitted.length > 0);
    verdict = async () => 'unknown';
    await client.gone;
    expect(exchange.stream?.end).toBe('credential');
  });

  test('is cut when nobody can say for too long whether its credential stands', async () => {
    await start({ checkMs: 10, uncheckedMs: 1200 });
    const client = await open();
    await until(() => admitted.length > 0);
    verdict = async () => Promise.reject(new Error('the database is away'));
    await client.gone;
    expect(exchange.stream?.end).toBe('unchecked');
  });

  test('survives a look that failed', async () => {
    await start({ checkMs: 10 });
    await open();
    let failures = 0;
    verdict = async () => {
      if (failures++ < 1) throw new Error('the database is away');
      return { principal, expiresAtMs: Date.now() + 60_000 };
    };
    const before = admitted.length;
    await until(() => failures > 1 && admitted.length > before);
    expect(streams.count).toBe(1);
  });

  test('ends orderly when its source ends', async () => {
    await start({});
    const client = await open();
    sink.end();
    await client.gone;
    expect(client.text()).toMatch(/\r\n0\r\n\r\n$/);
    expect(exchange.stream?.end).toBe('source');
    // Nobody reads it any more, and nothing breaks.
    expect(sink.write('late')).toBe(true);
    await sink.drained();
  });

  test('asked for by HEAD, is a head only', async () => {
    await start({});
    const client = await open('HEAD');
    await client.gone;
    expect(client.text()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(client.text()).toMatch(/\r\n\r\n$/);
    expect(streams.count).toBe(0);
  });

  test('ends at once when the process is stopping', async () => {
    await start({});
    const before = await open();
    streams.drain();
    await before.gone;
    const after = await open();
    await after.gone;
    expect([exchange.stream?.end, streams.count]).toEqual(['draining', 0]);
  });
});
