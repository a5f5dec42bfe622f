import { environment, unique } from '../../support/fixtures';
import { type Answered, type Portolan, startPortolan } from '../../support/portolan';
import { registryRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
});
beforeEach(async () => {
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const atOnce = (call: (index: number) => Promise<Answered>) => Promise.all(Array.from({ length: 50 }, (_, index) => call(index)));

const tally = (answers: Answered[]) => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

const defaults = () => portolan.sql('select id from registries where environment_id = $1 and is_default', [envId]);
const auditsOf = (action: string) =>
  portolan.sql('select resource_id from audit_logs where environment_id = $1 and action = $2', [envId, action]);

describe('50 at once', () => {
  test('creates with one name: one connection, 49 conflicts', async () => {
    const body = { name: unique('registry'), type: 'generic', registryUrl: 'ghcr.io' };
    const answers = await atOnce(() => portolan.call('createRegistry', { path: { envId }, body }));
    expect(tally(answers)).toEqual({ 201: 1, 409: 49 });
    const list = await portolan.call('listRegistries', { path: { envId } });
    expect([list.body.total, list.body.registries.length]).toEqual([1, 1]);
    expect(await auditsOf('create')).toHaveLength(1);
  });

  test('creates of new defaults: each succeeds, one default at the end', async () => {
    const answers = await atOnce(() =>
      portolan.call('createRegistry', {
        path: { envId },
        body: { name: unique('registry'), type: 'generic', registryUrl: 'ghcr.io', isDefault: true },
      }),
    );
    expect(tally(answers)).toEqual({ 201: 50 });
    expect(await defaults()).toHaveLength(1);
    expect((await portolan.call('listRegistries', { path: { envId } })).body.total).toBe(50);
  });

  test('PATCHes isDefault of different connections: each succeeds, one default at the end', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, () => registryRow(portolan, envId)));
    const answers = await atOnce((index) =>
      portolan.call('updateRegistry', { path: { id: ids[index] as string }, body: { isDefault: true } }),
    );
    expect(tally(answers)).toEqual({ 200: 50 });
    expect(answers.every(({ body }) => body.registry.isDefault)).toBe(true);
    expect(await defaults()).toHaveLength(1);
  });

  test('the default is given, taken and deleted: no failure, at most one default', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, () => registryRow(portolan, envId)));
    const answers = await atOnce((index) => {
      const path = { id: ids[index % 10] as string };
      if (index % 10 === 9) return portolan.call('deleteRegistry', { path });
      return portolan.call('updateRegistry', { path, body: { isDefault: index % 3 > 0 } });
    });
    expect(Object.keys(tally(answers)).filter((status) => !['200', '204', '404'].includes(status))).toEqual([]);
    expect((await defaults()).length).toBeLessThanOrEqual(1);
    expect((await portolan.call('listRegistries', { path: { envId } })).body.total).toBe(49);
  });

  test('PATCHes of one connection: each is applied once, in some order', async () => {
    const id = await registryRow(portolan, envId);
    const answers = await atOnce((index) =>
      portolan.call('updateRegistry', { path: { id }, body: { refreshIntervalMinutes: 10 + index } }),
    );
    expect(tally(answers)).toEqual({ 200: 50 });
    expect(new Set(answers.map(({ headers }) => String(headers.etag).split('.')[0])).size).toBe(50);
    const last = await portolan.call('getRegistry', { path: { id } });
    expect(last.headers.etag).toMatch(/^"51\./);
    expect(await auditsOf('update')).toHaveLength(50);
  });

  test('PATCHes of one connection with one If-Match: one is applied', async () => {
    const id = await registryRow(portolan, envId);
    const headers = { 'if-match': String((await portolan.call('getRegistry', { path: { id } })).headers.etag) };
    const answers = await atOnce((index) =>
      portolan.call('updateRegistry', { path: { id }, headers, body: { refreshIntervalMinutes: 10 + index } }),
    );
    expect(tally(answers)).toEqual({ 200: 1, 412: 49 });
    expect(await auditsOf('update')).toHaveLength(1);
  });

  test('renames to one name: one gets it', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, () => registryRow(portolan, envId)));
    const body = { name: unique('wanted') };
    const answers = await atOnce((index) => portolan.call('updateRegistry', { path: { id: ids[index] as string }, body }));
    expect(tally(answers)).toEqual({ 200: 1, 409: 49 });
    expect(answers.filter(({ status }) => status === 409).every((answer) => answer.body.field === 'name')).toBe(true);
  });

  test('creates with one Idempotency-Key: one connection; the others get its answer, or are told that it runs', async () => {
    const body = { name: unique('registry'), type: 'generic', registryUrl: 'ghcr.io' };
    const headers = { 'idempotency-key': unique('key') };
    const answers = await atOnce(() => portolan.call('createRegistry', { path: { envId }, body, headers }));
    const done = answers.filter(({ status }) => status === 201);
    expect(new Set(done.map(({ text }) => text)).size).toBe(1);
    expect(done.filter((answer) => answer.headers['idempotent-replayed'] === undefined)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([409, 'CONFLICT', '1']);
    }
    expect((await portolan.call('listRegistries', { path: { envId } })).body.total).toBe(1);
    expect(await auditsOf('create')).toHaveLength(1);
    const again = await portolan.call('createRegistry', { path: { envId }, body, headers });
    expect([again.status, again.headers['idempotent-replayed'], again.text]).toEqual([201, 'true', done[0]?.text]);
  });

  test('deletes of one connection: one is done, the others find nothing', async () => {
    const id = await registryRow(portolan, envId);
    const answers = await atOnce(() => portolan.call('deleteRegistry', { path: { id } }));
    expect(tally(answers)).toEqual({ 204: 1, 404: 49 });
    expect((await portolan.call('listRegistries', { path: { envId } })).body.total).toBe(0);
  });
});

describe('against the end of the environment', () => {
  test('a create that waits for a delete of its environment finds none', async () => {
    const client = await portolan.context.database.pool.connect();
    await client.query('begin');
    await client.query('delete from environments where id = $1', [envId]);
    const body = { name: unique('registry'), type: 'generic', registryUrl: 'ghcr.io' };
    const waiting = portolan.call('createRegistry', { path: { envId }, body });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await client.query('commit');
    client.release();
    const answer = await waiting;
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
    expect(answer.body.message).toContain(envId);
  });
});
