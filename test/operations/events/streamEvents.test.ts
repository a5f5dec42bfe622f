import { Writable } from 'node:stream';
import pino from 'pino';
import { uuidv7 } from 'uuidv7';
import { recordEvents } from '../../../src/store/events';
import { openStream } from '../../support/eventStream';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let home: string;
beforeAll(async () => {
  portolan = await startPortolan();
  home = await environment(portolan);
});
afterAll(() => portolan.close());

const registry = async (environmentId = home, name = unique('registry')) =>
  (
    await portolan.call('createRegistry', {
      path: { envId: environmentId },
      body: { name, type: 'generic', registryUrl: 'https://registry.example.com' },
    })
  ).body.registry;
const rename = (id: string) => portolan.call('updateRegistry', { path: { id }, body: { name: unique('renamed') } });

describe('200', () => {
  test('tells of changes as they are made, one frame each, with ids that grow', async () => {
    const stream = await openStream(portolan);
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const made = await registry();
    await rename(made.id);
    await portolan.call('deleteRegistry', { path: { id: made.id } });
    const frames = await stream.atLeast(3);
    const data = (action: string) => ({ environmentId: home, resourceType: 'registry', resourceId: made.id, action });
    expect(frames.map(({ event, data }) => [event, data])).toEqual(
      ['create', 'update', 'delete'].map((action) => ['resource_changed', data(action)]),
    );
    expect(stream.text()).toMatch(/^retry: \d{4}\nid: \d+-0\n\n/);
    expect(new Set(frames.map(({ id }) => id)).size).toBe(3);
    stream.close();
  });

  test('tells nothing of what was refused, of reads, and of who signs in', async () => {
    const stream = await openStream(portolan);
    const made = await registry();
    await portolan.call('updateRegistry', { path: { id: made.id }, body: { name: '' } });
    await portolan.call('updateRegistry', { path: { id: made.id }, body: { name: 'x' }, headers: { 'if-match': '"99.0"' } });
    await portolan.call('login', { token: null, body: { email: 'admin@portolan.local', password: 'wrong' } });
    const login = await portolan.call('login', {
      token: null,
      body: { email: 'admin@portolan.local', password: 'correct horse battery staple' },
    });
    await portolan.call('logout', { token: login.body.token });
    await portolan.call('createEventTicket');
    await portolan.call('getRegistry', { path: { id: made.id } });
    await rename(made.id);
    await stream.find(({ data }) => data.action === 'update');
    expect(stream.frames.map(({ data }) => data.action)).toEqual(['create', 'update']);
    stream.close();
  });

  test('ends behind what was missed, when it shall not follow', async () => {
    const before = await openStream(portolan);
    const made = await registry();
    await before.atLeast(1);
    const seen = before.lastId();
    await rename(made.id);
    await before.atLeast(2);
    before.close();

    const stream = await openStream(portolan, { query: 'follow=false', lastEventId: seen });
    await expect(stream.ended).resolves.toBe('end');
    expect(stream.frames.map(({ data }) => data.action)).toEqual(['update']);
    const nothing = await openStream(portolan, { query: 'follow=false', lastEventId: stream.lastId() });
    await expect(nothing.ended).resolves.toBe('end');
    expect(nothing.frames).toEqual([]);
  });

  test('tells of an operation that is cancelled, for whoever may read its resource', async () => {
    const [id, made] = [uuidv7(), await registry()];
    await portolan.sql(
      `insert into operations (id, kind, resource_type, resource_id, environment_id, created_by_type, created_by_name)
       values ($1, 'registry.checkUpdates', 'registry', $2, $3, 'user', 'x')`,
      [id, made.id, home],
    );
    const stream = await openStream(portolan, { query: 'types=operation' });
    await portolan.call('cancelOperation', { path: { id } });
    expect((await stream.atLeast(1))[0]?.data).toEqual({
      environmentId: home,
      operationId: id,
      kind: 'registry.checkUpdates',
      state: 'cancelled',
      resource: { type: 'registry', id: made.id },
      progress: null,
      cancelRequested: true,
      updatedAt: expect.stringMatching(/Z$/),
    });
    stream.close();
  });

  test('with environments, only of these; with types, only these', async () => {
    const elsewhere = await environment(portolan);
    const here = await openStream(portolan, { query: `environmentId=${home.toUpperCase()}` });
    const both = await openStream(portolan, { query: `environmentId=${home},${elsewhere}&types=resource_changed,discovery` });
    const others = await openStream(portolan, { query: 'types=discovery,image_update' });
    const [there, mine] = [await registry(elsewhere), await registry(home)];
    await portolan.context.database.transact((tx) =>
      recordEvents(tx, [{ type: 'image_update', environmentId: home, resourceType: 'container_image', data: {} }]),
    );
    portolan.context.events.announce();
    await here.atLeast(2);
    await both.atLeast(2);
    await others.atLeast(1);
    expect(here.frames.map(({ data }) => data.resourceId)).toEqual([mine.id, undefined]);
    expect(both.frames.map(({ data }) => data.resourceId)).toEqual([there.id, mine.id]);
    expect(others.frames.map(({ event }) => event)).toEqual(['image_update']);
    for (const stream of [here, both, others]) stream.close();
  });

  test('a token of one environment sees that one, and nothing of the installation', async () => {
    const elsewhere = await environment(portolan);
    const limited = await token(portolan, { environments: [home] });
    const stream = await openStream(portolan, { token: limited.token });
    const foreign = await openStream(portolan, { token: limited.token, query: `environmentId=${elsewhere}` });
    const all = await openStream(portolan);
    await registry(elsewhere);
    await portolan.call('createEnvironment', { body: { name: unique('env') } });
    await portolan.call('createUser', {
      body: { email: `${unique('u')}@example.com`, password: 'long enough for it', role: 'viewer' },
    });
    const mine = await registry();
    await stream.atLeast(1);
    await all.atLeast(4);
    expect(stream.frames.map(({ data }) => data.resourceId)).toEqual([mine.id]);
    expect(foreign.frames).toEqual([]);
    for (const one of [stream, foreign, all]) one.close();
  });

  test('a token of one scope sees the resources that it reads', async () => {
    const limited = await token(portolan, { role: 'operator', scopes: ['images:read'] });
    const viewer = await token(portolan, { role: 'viewer' });
    const [stream, ofViewer] = [
      await openStream(portolan, { token: limited.token }),
      await openStream(portolan, { token: viewer.token }),
    ];
    const { id } = await registry();
    const image = await portolan.call('createContainerImage', {
      path: { envId: home },
      body: { name: unique('image'), imageName: `registry.example.com/acme/${unique('app')}` },
    });
    await portolan.call('createUser', {
      body: { email: `${unique('u')}@example.com`, password: 'long enough for it', role: 'viewer' },
    });
    await rename(id);
    await ofViewer.atLeast(3);
    expect(ofViewer.frames.map(({ data }) => data.resourceType)).toEqual(['registry', 'container_image', 'registry']);
    expect(stream.frames.map(({ data }) => data.resourceId)).toEqual([image.body.image.id]);
    for (const one of [stream, ofViewer]) one.close();
  });

  test('goes on behind the last id, from header or query, without gap or repeat', async () => {
    const first = await openStream(portolan, { query: `environmentId=${home}` });
    const made = await registry();
    const [seen] = await first.atLeast(1);
    first.close();
    await rename(made.id);
    await rename(made.id);
    const id = seen?.id as string;
    const told: string[] = [];
    for (const call of [{ lastEventId: id }, { query: `lastEventId=${id}` }, { lastEventId: id, query: 'lastEventId=0-0' }]) {
      const again = await openStream(portolan, call);
      const count = 2 + told.length;
      expect((await again.atLeast(count)).map(({ data }) => [data.resourceId, data.action])).toEqual(
        Array.from({ length: count }, () => [made.id, 'update']),
      );
      await rename(made.id);
      told.push((await again.atLeast(count + 1))[count]?.id as string);
      expect(again.frames.slice(2).map((frame) => frame.id)).toEqual(told);
      again.close();
    }
  });

  test('goes on from the id of the very first frame: nothing had happened yet', async () => {
    const first = await openStream(portolan);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const id = first.lastId();
    first.close();
    const made = await registry();
    const again = await openStream(portolan, { lastEventId: id });
    expect((await again.atLeast(1))[0]?.data.resourceId).toBe(made.id);
    again.close();
  });

  test.each([
    ['1-1', 'too_old'],
    ['999999999999-1', 'unknown'],
    ['not-an-id', 'unknown'],
  ])('tells a client that comes with %s what it misses', async (lastEventId, reason) => {
    await portolan.sql("update event_log set swept_xid = '2'");
    const stream = await openStream(portolan, { lastEventId });
    expect(await stream.atLeast(1)).toEqual([{ id: expect.stringMatching(/^\d+-0$/), event: 'reset', data: { reason } }]);
    const { id } = await registry();
    expect((await stream.atLeast(2))[1]?.data.resourceId).toBe(id);
    stream.close();
  });

  test('an open stream counts once against the limit of requests', async () => {
    const stream = await openStream(portolan);
    const left = Number(stream.headers['ratelimit-remaining']);
    await registry();
    await stream.atLeast(1);
    expect(left - Number((await portolan.call('getCurrentPrincipal')).headers['ratelimit-remaining'])).toBe(2);
    stream.close();
  });
});

describe('400', () => {
  test('a type that does not exist', async () => {
    const { status, body } = await portolan.call('streamEvents', { query: { types: 'operation,weather' } });
    expect([status, body.code, body.details[0].code]).toEqual([400, 'VALIDATION_ERROR', 'enum']);
  });

  test('an environment that is no id', async () => {
    expect((await portolan.call('streamEvents', { query: { environmentId: 'production' } })).status).toBe(400);
  });
});

describe('429', () => {
  test('one stream more than a principal may have; another principal, and a place that is free again, are no problem', async () => {
    const few = await startPortolan({ EVENT_STREAMS_PER_PRINCIPAL: '2' });
    const own = await token(few);
    const other = await token(few);
    const open = [await openStream(few, { token: own.token }), await openStream(few, { token: own.token })];
    const refused = await few.call('streamEvents', { token: own.token });
    expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([429, 'RATE_LIMITED', '10']);
    expect((await few.call('streamEvents', { token: other.token })).status).toBe(200);
    open[0]?.close();
    for (let tries = 0; few.context.streams.count > 1 && tries < 200; tries++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await few.call('streamEvents', { token: own.token })).status).toBe(200);
    open[1]?.close();
    await few.close();
  });
});

describe('the log of requests', () => {
  test('says who had a stream and how it ended, and never holds a ticket', async () => {
    let lines = '';
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines += chunk;
        done();
      },
    });
    const logging = await startPortolan({}, { log: pino({ level: 'trace' }, sink) });
    const { token: admin } = await token(logging);
    logging.adminToken = admin;
    const { ticket } = (await logging.call('createEventTicket')).body;
    const stream = await openStream(logging, { token: null, query: `ticket=${ticket}` });
    for (const query of [`ticket=${ticket}`, `ticket=${ticket}&types=x`, `ticket=${ticket}&zz=1`]) {
      expect((await logging.send('GET', '/api/events', { token: null, query })).status).toBe(401);
      expect((await logging.send('GET', '/api/events', { query: query.replace('ticket=', 'ticket=ticket') })).text).not.toContain(
        ticket,
      );
    }
    await logging.send('GET', `/api/events/${ticket}`, { query: `ticket=${ticket}` });
    stream.close();
    for (let tries = 0; !lines.includes('stream ended') && tries < 500; tries++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(lines).toContain('"endedBy":"client"');
    expect(lines).not.toContain(ticket);
    const exposition = await logging.context.telemetry.exposition();
    expect(exposition).toMatch(/portolan_request_duration_seconds_count\{operation="streamEvents",status="200"\} 1/);
    await logging.close();
  });
});
