import { uuidv7 } from 'uuidv7';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { codeOfV3, problemOfV3 } from '../../../support/v3Problem';

let portolan: Portolan;
let guid: string;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());
beforeEach(async () => {
  guid = await environment(portolan);
});

const update = (body: unknown, more = {}) => portolan.call('updateSpace', { path: { guid }, body, ...more });

describe('200', () => {
  test('labels and annotations are set, kept and taken away; an operator may', async () => {
    const { token: bearer } = await token(portolan, { role: 'operator', environments: [guid] });
    await update({ metadata: { labels: { a: '1', 'acme.example/b': '' }, annotations: { note: 'text' } } }, { token: bearer });
    const { status, body } = await update({ metadata: { labels: { a: null, c: '3' }, annotations: null } }, { token: bearer });
    expect(status).toBe(200);
    expect(body.metadata).toEqual({ labels: { c: '3', 'acme.example/b': '' }, annotations: { note: 'text' } });
    expect((await portolan.call('getSpace', { path: { guid } })).body).toEqual(body);
  });

  test('nothing is a change too, which /api does not count as one of the environment', async () => {
    await portolan.sql("update environments set updated_at = '2026-03-01T08:00:00Z' where id = $1", [guid]);
    const before = await portolan.call('getEnvironment', { path: { id: guid } });
    const { body } = await update({});
    expect(body.updated_at > '2026-03-01T08:00:00Z').toBe(true);
    const answer = await portolan.call('updateEnvironment', {
      path: { id: guid },
      body: { displayName: 'Shown' },
      headers: { 'if-match': String(before.headers.etag) },
    });
    expect(answer.status).toBe(200);
  });

  test('the labels go with the environment', async () => {
    await update({ metadata: { labels: { a: '1' }, annotations: { b: '2' } } });
    await portolan.call('deleteEnvironment', { path: { id: guid } });
    const rows = await portolan.sql(
      'select 1 from labels where resource_id = $1 union all select 1 from annotations where resource_id = $1',
      [guid],
    );
    expect(rows).toEqual([]);
  });

  test('the audit tells the names of keys, and no values', async () => {
    await update({ metadata: { labels: { team: 'blue' }, annotations: { note: 'text' } } });
    const [row] = await portolan.sql("select * from audit_logs where operation_id = 'updateSpace' order by id desc limit 1");
    expect(row).toMatchObject({ action: 'update', resource_type: 'environment', resource_id: guid, environment_id: guid });
    expect(row.details).toEqual({
      cfType: 'audit.space.update',
      changed: ['metadata'],
      labels: ['team'],
      annotations: ['note'],
    });
  });
});

test('400 for a body that is no JSON object', async () => {
  for (const body of ['{', '[]']) expect(codeOfV3(await update(body))).toEqual([400, 1001]);
});

test('401 without a credential', async () => {
  expect(problemOfV3(await update({}, { token: null }))).toEqual([401, 10002, 'Authentication error']);
});

describe('403', () => {
  test.each([
    ['a viewer', { role: 'viewer' }],
    ['a supporter', { role: 'operator', scopes: ['droplets:read', 'droplets:assign'] }],
    ['who changes apps only', { role: 'operator', scopes: ['droplets:read', 'services:write'] }],
  ] as const)('%s, before the body is looked at', async (_, wishes) => {
    const { token: bearer } = await token(portolan, wishes as never);
    for (const body of [{}, { colour: 'red' }]) expect(codeOfV3(await update(body, { token: bearer }))).toEqual([403, 10003]);
  });
});

describe('404', () => {
  test.each([uuidv7(), 'x'])('%s', async (other) => {
    expect(problemOfV3(await update({}, { path: { guid: other } }))).toEqual([404, 10010, 'Space not found']);
  });

  test('a space that the token does not reach', async () => {
    const { token: bearer } = await token(portolan, { environments: [] });
    expect(problemOfV3(await update({}, { token: bearer }))).toEqual([404, 10010, 'Space not found']);
  });
});

describe('422', () => {
  test.each([
    [{ name: 'other' }, "'name'"],
    [{ suspended: true }, "'suspended'"],
    [{ metadata: 'x' }, 'metadata'],
    [{ metadata: { colours: {} } }, 'colours'],
    [{ metadata: { labels: { 'cloudfoundry.org/a': 'b' } } }, 'cloudfoundry.org/a'],
  ])('%j', async (body, told) => {
    expect(problemOfV3(await update(body))).toEqual([422, 10008, expect.stringContaining(told)]);
  });

  test('too many annotations; nothing of it is kept', async () => {
    const annotations = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`k${index}`, 'v']));
    expect(codeOfV3(await update({ metadata: { labels: { a: 'b' }, annotations } }))).toEqual([422, 390023]);
    expect((await portolan.call('getSpace', { path: { guid } })).body.metadata).toEqual({ labels: {}, annotations: {} });
  });
});
