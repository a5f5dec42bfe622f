import { appIn, auditOf, type Caller, type Callers, callersOf, suspend } from '../../../support/droplets';
import { environment, unique } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;
let callers: Callers;

beforeAll(async () => {
  portolan = await startPortolan();
  space = await environment(portolan);
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());

const update = (guid: string, body: unknown, caller: Caller = 'admin') =>
  portolan.call('updateApp', { path: { guid }, body, token: callers[caller] });
const get = async (guid: string) => (await portolan.call('getApp', { path: { guid } })).body;
const service = (id: string) => portolan.call('getService', { path: { id } });
const problem = ({ status, body }: { status: number; body: any }) => [status, body.errors[0].code];
const detail = ({ body }: { body: any }): string => body.errors[0].detail;
const labelled = async (labels: object, annotations: object = {}) => {
  const id = await appIn(portolan, space);
  await update(id, { metadata: { labels, annotations } });
  return id;
};

describe('200', () => {
  test.each(['admin', 'developer'] as const)(
    'a new name for the %s is one under /api too, as another version',
    async (caller) => {
      const id = await appIn(portolan, space);
      const before = await service(id);
      const name = unique('renamed');
      const answer = await update(id, { name }, caller);
      expect([answer.status, answer.body.name]).toEqual([200, name]);
      const after = await service(id);
      expect(after.body.service.name).toBe(name);
      expect(after.headers.etag).not.toBe(before.headers.etag);
      const ifMatch = { 'if-match': String(before.headers.etag) };
      const late = await portolan.call('updateService', { path: { id }, headers: ifMatch, body: { imageTag: 'edge' } });
      expect(late.status).toBe(412);
    },
  );

  test('a name that /api gives is the name here', async () => {
    const id = await appIn(portolan, space);
    const name = unique('renamed');
    await portolan.call('updateService', { path: { id }, body: { name } });
    expect((await get(id)).name).toBe(name);
  });

  test('its own name again is no other version', async () => {
    const id = await appIn(portolan, space);
    const { name } = await get(id);
    expect((await update(id, { name })).status).toBe(200);
    expect((await service(id)).headers.etag).toMatch(/^"1\./);
  });

  test.each([
    ['absent keeps', {}, { labels: { a: '1', b: '2' }, annotations: { c: '3' } }],
    ['metadata without members keeps', { metadata: {} }, { labels: { a: '1', b: '2' }, annotations: { c: '3' } }],
    [
      'null members keep',
      { metadata: { labels: null, annotations: null } },
      { labels: { a: '1', b: '2' }, annotations: { c: '3' } },
    ],
    ['null takes a key away', { metadata: { labels: { a: null } } }, { labels: { b: '2' }, annotations: { c: '3' } }],
    [
      'a value is set, others stay',
      { metadata: { labels: { a: 'x' }, annotations: { c: '', d: '4' } } },
      { labels: { a: 'x', b: '2' }, annotations: { c: '', d: '4' } },
    ],
  ])('metadata: %s', async (_, body, metadata) => {
    const id = await labelled({ a: '1', b: '2' }, { c: '3' });
    const answer = await update(id, body);
    expect([answer.status, answer.body.metadata]).toEqual([200, metadata]);
    expect((await get(id)).metadata).toEqual(metadata);
  });

  test('labels are no version of the service, and do not show under /api', async () => {
    const id = await labelled({ a: '1' });
    const { body, headers } = await service(id);
    expect(headers.etag).toMatch(/^"1\./);
    expect(JSON.stringify(body)).not.toContain('labels');
  });

  test('nothing at all moves updated_at', async () => {
    const id = await appIn(portolan, space, { updated_at: '2020-01-01T00:00:00Z', created_at: '2020-01-01T00:00:00Z' });
    const answer = await update(id, {});
    expect(answer.status).toBe(200);
    expect(answer.body.created_at).toBe('2020-01-01T00:00:00Z');
    expect(Date.parse(answer.body.updated_at)).toBeGreaterThan(Date.now() - 60_000);
  });

  test('lifecycle docker is what it is', async () => {
    const id = await appIn(portolan, space);
    expect((await update(id, { lifecycle: { type: 'docker' } })).status).toBe(200);
  });

  test('is audited with old and new name and the names of keys', async () => {
    const id = await labelled({ a: '1' });
    const { name: old } = await get(id);
    const name = unique('renamed');
    await update(id, { name, metadata: { labels: { a: null }, annotations: { 'x.io/b': 'hidden' } } });
    const rows = await auditOf(portolan, id);
    expect(rows[1]).toMatchObject({
      action: 'update',
      operation_id: 'updateApp',
      resource_name: name,
      details: {
        cfType: 'audit.app.update',
        changed: ['name', 'metadata'],
        before: { name: old },
        after: { name },
        metadata: { labels: ['a'], annotations: ['x.io/b'] },
      },
    });
    expect(JSON.stringify(rows)).not.toContain('hidden');
  });
});

test('400 for what is no JSON object', async () => {
  expect(problem(await update(await appIn(portolan, space), '['))).toEqual([400, 1001]);
});

test('401 without a credential', async () => {
  expect(problem(await update(await appIn(portolan, space), {}, 'anonymous'))).toEqual([401, 10002]);
});

describe('403', () => {
  test.each(['reader', 'supporter', 'viewer'] as const)('for the %s, whatever the body', async (caller) => {
    const id = await appIn(portolan, space);
    expect(problem(await update(id, { size: 1 }, caller))).toEqual([403, 10003]);
  });

  test('while the installation is suspended, but for an admin', async () => {
    const id = await appIn(portolan, space);
    await suspend(portolan, true);
    try {
      expect(problem(await update(id, {}, 'developer'))).toEqual([403, 10017]);
      expect((await update(id, {}, 'admin')).status).toBe(200);
    } finally {
      await suspend(portolan, false);
    }
  });
});

describe('404', () => {
  test.each(['01920000-0000-7000-8000-000000000000', 'no-uuid'])('%s', async (guid) => {
    const answer = await update(guid, {});
    expect([problem(answer), detail(answer)]).toEqual([[404, 10010], 'App not found']);
  });

  test('outside of what a token reaches, whatever the body', async () => {
    expect(problem(await update(await appIn(portolan, space), { size: 1 }, 'outside'))).toEqual([404, 10010]);
  });
});

describe('422', () => {
  test.each([
    ['an empty name', { name: '' }, "'name'"],
    ['a name that is null', { name: null }, "'name'"],
    ['a name of 256 characters', { name: 'x'.repeat(256) }, "'name'"],
    ['a lifecycle of buildpacks', { lifecycle: { type: 'buildpack' } }, 'docker'],
    ['a member that clients cannot set', { state: 'STOPPED' }, "'state'"],
    ['variables, which are only set at first', { environment_variables: {} }, "'environment_variables'"],
    ['a label that cannot be', { metadata: { labels: { 'cloudfoundry.org/a': 'c' } } }, 'cloudfoundry.org'],
    ['a label that is no text', { metadata: { labels: { a: 1 } } }, "'a'"],
  ])('%s is named', async (_, body, named) => {
    const answer = await update(await appIn(portolan, space), body);
    expect(problem(answer)).toEqual([422, 10008]);
    expect(detail(answer)).toContain(named);
  });

  test('a name that is taken; the labels beside it are not written', async () => {
    const [taken, id] = [await appIn(portolan, space), await labelled({ a: '1' })];
    const { name } = await get(taken);
    const answer = await update(id, { name, metadata: { labels: { a: '2' } } });
    expect([problem(answer), detail(answer)]).toEqual([[422, 10016], `App with the name '${name}' already exists.`]);
    expect((await get(id)).metadata.labels).toEqual({ a: '1' });
  });

  test('of two that want a name at once one has it', async () => {
    const ids = await Promise.all([1, 2, 3, 4].map(() => appIn(portolan, space)));
    const name = unique('wanted');
    const answers = await Promise.all(ids.map((id) => update(id, { name })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422]);
    for (const answer of answers.filter(({ status }) => status === 422)) {
      expect([problem(answer), detail(answer)]).toEqual([[422, 10016], `App with the name '${name}' already exists.`]);
    }
  });

  test('the 51st label; the name beside it is not written', async () => {
    const id = await labelled(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key${index}`, 'x'])));
    const { name } = await get(id);
    const answer = await update(id, { name: unique('renamed'), metadata: { labels: { more: 'x' } } });
    expect(problem(answer)).toEqual([422, 390020]);
    expect((await get(id)).name).toBe(name);
    expect((await update(id, { metadata: { labels: { key0: null, more: 'x' } } })).status).toBe(200);
  });
});
