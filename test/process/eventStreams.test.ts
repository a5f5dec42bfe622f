import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { parsePosition } from '../../src/domain/events/position';
import { type RunningServer, startServer } from '../../src/http/server';
import { recordEvents } from '../../src/store/events';
import { adminEmail, adminPassword } from '../support/config';
import { type EventStream, openStream } from '../support/eventStream';
import { environment, token, unique } from '../support/fixtures';
import { type Portolan, startPortolan, startReplica } from '../support/portolan';

/** Event streams over two replicas, and how they end. */

let portolan: Portolan;
let replica: Portolan;
let home: string;
const open: EventStream[] = [];
beforeAll(async () => {
  portolan = await startPortolan();
  replica = await startReplica(portolan);
  home = await environment(portolan);
});
afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});
afterAll(async () => {
  await replica.close();
  await portolan.close();
});

async function stream(at: Portolan, call: Parameters<typeof openStream>[1] = {}): Promise<EventStream> {
  const one = await openStream(at, { token: portolan.adminToken, ...call });
  open.push(one);
  return one;
}

const registry = async (at: Portolan) =>
  (
    await at.call('createRegistry', {
      path: { envId: home },
      body: { name: unique('registry'), type: 'generic', registryUrl: 'https://registry.example.com' },
      token: portolan.adminToken,
    })
  ).body.registry;

async function until(good: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await good()); ) {
    if (Date.now() > deadline) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const withinMs = async <T>(ms: number, promise: Promise<T>, what: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

describe('two replicas', () => {
  test('what is changed at one is told at the other, within a second', async () => {
    const far = await stream(replica);
    for (let round = 1; round <= 3; round++) {
      const { id } = await registry(portolan);
      await withinMs(
        1000,
        far.find(({ data }) => data.resourceId === id),
        'the event',
      );
    }
    expect(far.frames).toHaveLength(3);
  });

  test('a client that is thrown about between replicas misses nothing and gets nothing twice, while four write', async () => {
    const [writers, each] = [4, 125];
    const numbers: number[] = [];
    const ids: string[] = [];
    const first = await stream(portolan, { query: 'types=discovery' });
    await until(() => first.lastId() !== '', 'the first id');
    let last = first.lastId();
    first.close();
    const write = async (writer: number) => {
      for (let index = 0; index < each; index++) {
        const at = index % 2 === 0 ? portolan : replica;
        await at.context.database.transact(async (tx) => {
          const number = writer * each + index;
          await recordEvents(tx, [{ type: 'discovery', environmentId: home, resourceType: 'registry', data: { number } }]);
          await new Promise((resolve) => setTimeout(resolve, (number * 7919) % 8));
        });
        at.context.events.announce();
      }
    };
    const writing = Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
    let hops = 0;
    for (; numbers.length < writers * each; hops++) {
      const one = await stream(hops % 2 === 0 ? replica : portolan, { query: 'types=discovery', lastEventId: last });
      await one.atLeast(Math.min(40, writers * each - numbers.length));
      one.close();
      expect(one.frames.filter(({ event }) => event === 'reset')).toEqual([]);
      numbers.push(...one.frames.map(({ data }) => data.number));
      ids.push(...one.frames.map(({ id }) => id));
      last = one.lastId();
    }
    await writing;
    expect(hops).toBeGreaterThan(3);
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: writers * each }, (_, number) => number));
    const positions = ids.map((id) => parsePosition(id) ?? { transaction: 0, sequence: 0 });
    const sorted = [...positions].sort((a, b) => a.transaction - b.transaction || a.sequence - b.sequence);
    expect(positions).toEqual(sorted);
  }, 60_000);

  test('what a process did not live to announce is told nevertheless', async () => {
    const far = await stream(replica);
    await portolan.context.database.transact((tx) =>
      recordEvents(tx, [{ type: 'discovery', environmentId: home, resourceType: 'registry', data: {} }]),
    );
    await withinMs(5000, far.atLeast(1), 'the event');
  });

  test('a stream goes on when the database threw out all connections', async () => {
    const far = await stream(replica);
    await registry(portolan);
    await far.atLeast(1);
    await portolan.sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await until(async () => {
      const { status } = await replica.send('GET', '/api/auth/me', { token: portolan.adminToken });
      return status === 200;
    }, 'the database');
    const { id } = await registry(portolan);
    await far.find(({ data }) => data.resourceId === id);
    expect(far.frames).toHaveLength(2);
  });
});

describe('the end of a credential ends its streams at all replicas, within seconds', () => {
  const both = async (bearer: string) => [await stream(portolan, { token: bearer }), await stream(replica, { token: bearer })];
  const expectEnd = (streams: EventStream[]) =>
    withinMs(3000, Promise.all(streams.map(({ ended }) => ended)), 'the end').then((ends) =>
      expect(ends).toEqual(streams.map(() => 'end')),
    );

  test('logout', async () => {
    const login = { token: null, body: { email: adminEmail, password: adminPassword } };
    const [bearer, other] = [(await portolan.call('login', login)).body.token, (await portolan.call('login', login)).body.token];
    const [mine, others] = [await both(bearer), await both(other)];
    await portolan.call('logout', { token: bearer });
    await expectEnd(mine);
    const { id } = await registry(portolan);
    await Promise.all(others.map((one) => one.find(({ data }) => data.resourceId === id)));
  });

  test('revocation', async () => {
    const { token: bearer, tokenId } = await token(portolan);
    const streams = await both(bearer);
    await portolan.call('deleteApiToken', { path: { tokenId } });
    await expectEnd(streams);
  });

  test('a disabled owner', async () => {
    const { token: bearer, userId } = await token(portolan);
    const streams = await both(bearer);
    await portolan.call('updateUser', { path: { id: userId }, body: { disabled: true } });
    await expectEnd(streams);
  });

  test('a deleted owner', async () => {
    const { token: bearer, userId } = await token(portolan);
    const streams = await both(bearer);
    await portolan.call('deleteUser', { path: { id: userId } });
    await expectEnd(streams);
  });

  test('expiry, with nobody saying so', async () => {
    const { token: bearer } = await token(portolan, { expiresAt: new Date(Date.now() + 1500).toISOString() });
    await expectEnd(await both(bearer));
  });

  test('a stream that a ticket opened', async () => {
    const { token: bearer, tokenId } = await token(portolan);
    const { ticket } = (await portolan.call('createEventTicket', { token: bearer })).body;
    const one = await stream(replica, { token: null, query: `ticket=${ticket}` });
    await portolan.call('deleteApiToken', { path: { tokenId } });
    await expectEnd([one]);
  });

  test('a weaker role does not end it, but it tells less', async () => {
    const { token: bearer, userId } = await token(portolan);
    const [one] = (await both(bearer)) as [EventStream];
    const newUser = () =>
      portolan.call('createUser', {
        body: { email: `${unique('u')}@example.com`, password: 'long enough for it', role: 'viewer' },
      });
    await newUser();
    await one.atLeast(1);
    await portolan.call('updateUser', { path: { id: userId }, body: { role: 'viewer' } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await newUser();
    const { id } = await registry(portolan);
    await one.find(({ data }) => data.resourceId === id);
    expect(
      one.frames.map(({ data }) => `${data.resourceType} ${data.action}`).filter((text) => text === 'user create'),
    ).toHaveLength(1);
  });
});

describe('a process that stops', () => {
  test('ends its streams at once, and does not wait for their clients', async () => {
    const third = await startReplica(portolan);
    const server: RunningServer = await startServer(third.context.app, {
      host: '127.0.0.1',
      port: 0,
      maxConnections: 100,
      headersTimeoutMs: 1000,
      requestTimeoutMs: 1000,
      onRefusedConnection: () => {},
    });
    const at = { ...portolan, url: `http://127.0.0.1:${server.port}` } as Portolan;
    const streams = [await stream(at), await stream(at)];
    const before = Date.now();
    third.context.drain();
    await server.stop(8000);
    expect(Date.now() - before).toBeLessThan(7000);
    expect(await Promise.all(streams.map(({ ended }) => ended))).toEqual(['end', 'end']);
    expect(third.context.streams.count).toBe(0);
    await third.close();
  });
});

describe('a client that does not read', () => {
  const most = 400;
  const all = Array.from({ length: most }, (_, number) => number);
  const numbers = ({ frames }: EventStream) => frames.map(({ data }) => data.number);
  /** 20 MB: more than what systems keep for a connection. */
  async function tellMuch(): Promise<void> {
    const filler = 'x'.repeat(50_000);
    for (const number of all) {
      await portolan.context.database.transact((tx) =>
        recordEvents(tx, [{ type: 'discovery', environmentId: home, resourceType: 'registry', data: { number, filler } }]),
      );
      portolan.context.events.announce();
    }
  }

  test('holds up nobody, and gets all of it when it reads on', async () => {
    const slow = await stream(portolan, { query: 'types=discovery' });
    const quick = await stream(portolan, { query: 'types=discovery' });
    slow.pause();
    await tellMuch();
    await quick.atLeast(most);
    expect(numbers(quick)).toEqual(all);
    slow.resume();
    await slow.atLeast(most);
    expect(numbers(slow)).toEqual(all);
  }, 60_000);
});

const executablePath = '/usr/bin/chromium';
const present = existsSync(executablePath);
if (!present) console.warn(`EventSource is not tried in a browser: there is no ${executablePath}.`);
/** CI has a browser; without one it must not pass by skipping. */
const inBrowser = present || process.env.CI ? test : test.skip;

describe('EventSource in a browser', () => {
  inBrowser(
    'gets events with a ticket, and comes again by itself from where it was',
    async () => {
      const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];
      const browser: Browser = await chromium.launch({ executablePath, args: flags });
      try {
        const page = await browser.newPage({ bypassCSP: true });
        await page.goto(`${portolan.url}/health`);
        const { ticket } = (await portolan.call('createEventTicket')).body;
        await page.evaluate(`
          window.told = [];
          window.source = new EventSource('/api/events?types=resource_changed&ticket=${ticket}');
          source.addEventListener('resource_changed', (event) => told.push([event.lastEventId, JSON.parse(event.data)]));
          new Promise((resolve, reject) => { source.onopen = resolve; source.onerror = () => reject(new Error('refused')); });`);
        const { id } = await registry(replica);
        await page.waitForFunction('told.length > 0');
        const told = (await page.evaluate('told')) as [string, { resourceId: string; action: string }][];
        expect(told).toEqual([
          [expect.stringMatching(/^\d+-\d+$/), expect.objectContaining({ resourceId: id, action: 'create' })],
        ]);
        // A ticket is for one stream: coming again takes another one, and the id that was seen last.
        const missed = await registry(replica);
        const next = (await portolan.call('createEventTicket')).body.ticket;
        await page.evaluate(`
          source.close();
          window.again = [];
          window.other = new EventSource('/api/events?ticket=${next}&lastEventId=${told[0]?.[0]}');
          other.addEventListener('resource_changed', (event) => again.push(JSON.parse(event.data).resourceId));`);
        await page.waitForFunction('again.length > 0');
        expect(await page.evaluate('again')).toEqual([missed.id]);
      } finally {
        await browser.close();
      }
    },
    60_000,
  );
});
