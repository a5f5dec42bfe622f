import { uuidv7 } from 'uuidv7';
import { environment, token, unique } from '../../../support/fixtures';
import { type Portolan, startPortolan, startReplica } from '../../../support/portolan';
import { until } from '../../../support/registry/scene';
import { codeOfV3, problemOfV3 } from '../../../support/v3Problem';

let portolan: Portolan;
let guid: string;
beforeAll(async () => {
  portolan = await startPortolan();
  [{ id: guid }] = (await portolan.sql('select id from installation')) as [{ id: string }];
});
afterAll(() => portolan.close());

const update = (body: unknown, more = {}) => portolan.call('updateOrganization', { path: { guid }, body, ...more });
const registry = () => ({ name: unique('registry'), type: 'generic', registryUrl: 'ghcr.io' });
const suspend = (suspended: boolean) => update({ suspended });

describe('200', () => {
  test('labels and annotations are set, kept and taken away', async () => {
    await portolan.sql("update installation set updated_at = '2026-03-01T08:00:00Z'");
    await update({ metadata: { labels: { a: '1', 'acme.example/b': '2' }, annotations: { note: 'long text' } } });
    const { status, body } = await update({ metadata: { labels: { a: null, c: '3' } } });
    expect(status).toBe(200);
    expect(body.metadata).toEqual({ labels: { c: '3', 'acme.example/b': '2' }, annotations: { note: 'long text' } });
    expect(body.updated_at > '2026-03-01T08:00:00Z').toBe(true);
    expect((await portolan.call('getOrganization', { path: { guid } })).body).toEqual(body);
  });

  test('nothing is a change too', async () => {
    await portolan.sql("update installation set updated_at = '2026-03-01T08:00:00Z'");
    const { body } = await update({});
    expect(body.updated_at > '2026-03-01T08:00:00Z').toBe(true);
    expect((await update(undefined)).status).toBe(200);
  });

  test('the audit tells the names of keys, and no values', async () => {
    await update({ suspended: false, metadata: { labels: { secret: 'value' } } });
    const [row] = await portolan.sql(
      "select * from audit_logs where operation_id = 'updateOrganization' order by id desc limit 1",
    );
    expect(row).toMatchObject({
      action: 'update',
      resource_type: 'system_settings',
      resource_id: guid,
      resource_name: 'portolan',
    });
    expect(row.details).toEqual({
      cfType: 'audit.organization.update',
      changed: ['suspended', 'metadata'],
      labels: ['secret'],
      annotations: [],
    });
  });
});

describe('suspended', () => {
  afterEach(() => suspend(false));

  test('writes of non-admins are refused on both surfaces from the next request on, and reads are not', async () => {
    const space = await environment(portolan);
    const { token: operator } = await token(portolan, { role: 'operator' });
    const onApi = () => portolan.call('createRegistry', { path: { envId: space }, body: registry(), token: operator });
    const onV3 = () => portolan.call('updateSpace', { path: { guid: space }, body: {}, token: operator });
    expect([(await onApi()).status, (await onV3()).status]).toEqual([201, 200]);

    expect((await suspend(true)).body.suspended).toBe(true);
    const refused = await onApi();
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ code: 'FORBIDDEN_ROLE', details: { reason: 'installation_frozen' } });
    expect(codeOfV3(await onV3())).toEqual([403, 10017]);
    expect((await portolan.call('getSpace', { path: { guid: space }, token: operator })).status).toBe(200);
    expect((await portolan.call('listEnvironments', { token: operator })).status).toBe(200);
    const [{ count }] = await portolan.sql('select count(*)::int from registries where environment_id = $1', [space]);
    expect(count).toBe(1);

    await suspend(false);
    expect([(await onApi()).status, (await onV3()).status]).toEqual([201, 200]);
  });

  test('who may not write hears of that and not of the suspension', async () => {
    await suspend(true);
    const space = await environment(portolan);
    const { token: viewer } = await token(portolan, { role: 'viewer' });
    const answer = await portolan.call('createRegistry', { path: { envId: space }, body: registry(), token: viewer });
    expect(answer.body).toMatchObject({ code: 'FORBIDDEN_ROLE', details: { requiredRole: 'operator' } });
    expect(codeOfV3(await portolan.call('updateSpace', { path: { guid: space }, body: {}, token: viewer }))).toEqual([
      403, 10003,
    ]);
  });

  test('an administrator goes on, unless the token has some scopes only', async () => {
    await suspend(true);
    const body = () => ({ name: unique('env') });
    expect((await portolan.call('createEnvironment', { body: body() })).status).toBe(201);
    const { token: all } = await token(portolan, { scopes: ['admin:*'] });
    expect((await portolan.call('createEnvironment', { body: body(), token: all })).status).toBe(201);
    const { token: some } = await token(portolan, { scopes: ['environments:write'] });
    const answer = await portolan.call('createEnvironment', { body: body(), token: some });
    expect(answer.body.details).toEqual({ reason: 'installation_frozen' });
  });

  test('other replicas know of it', async () => {
    const space = await environment(portolan);
    const { token: operator } = await token(portolan, { role: 'operator' });
    const replica = await startReplica(portolan);
    const update = () => replica.call('updateSpace', { path: { guid: space }, body: {}, token: operator });
    try {
      // The replica remembers the credential, until it is told.
      expect((await update()).status).toBe(200);
      await suspend(true);
      const answer = await until(update, ({ status }) => status === 403);
      expect(codeOfV3(answer)).toEqual([403, 10017]);
    } finally {
      await replica.close();
    }
  });

  test('the audit tells it', async () => {
    await suspend(true);
    const [row] = await portolan.sql(
      "select * from audit_logs where operation_id = 'updateOrganization' order by id desc limit 1",
    );
    expect(row.details).toMatchObject({ changed: ['suspended'], suspended: true });
  });
});

describe('400', () => {
  test.each(['{', '[]', 'null', '"x"'])('the body %s', async (body) => {
    expect(codeOfV3(await update(body))).toEqual([400, 1001]);
  });
});

test('401 without a credential', async () => {
  expect(problemOfV3(await update({}, { token: null }))).toEqual([401, 10002, 'Authentication error']);
});

describe('403', () => {
  test.each([
    ['a viewer', { role: 'viewer' }],
    ['an operator', { role: 'operator' }],
    ['an administrator whose token has some scopes', { scopes: ['droplets:read', 'droplets:write', 'settings:write'] }],
    ['an administrator whose token is for some environments', { environments: [] }],
  ] as const)('%s', async (_, wishes) => {
    const { token: bearer } = await token(portolan, wishes as never);
    for (const body of [{}, { metadata: {} }, { suspended: true }, { colour: 'red' }]) {
      expect(codeOfV3(await update(body, { token: bearer }))).toEqual([403, 10003]);
    }
    expect((await portolan.call('getOrganization', { path: { guid } })).body.suspended).toBe(false);
  });
});

test.each([uuidv7(), 'x'])('404 for %s', async (other) => {
  expect(problemOfV3(await update({}, { path: { guid: other } }))).toEqual([404, 10010, 'Organization not found']);
});

describe('422', () => {
  test.each([
    [{ name: 'other' }, "'name'"],
    [{ suspended: null }, "'suspended'"],
    [{ suspended: 'true' }, "'suspended'"],
    [{ metadata: null }, 'metadata'],
    [{ metadata: { labels: { 'a b': 'c' } } }, 'a b'],
    [{ metadata: { labels: { a: 1 } } }, 'a'],
    [{ relationships: {} }, "'relationships'"],
  ])('%j', async (body, told) => {
    expect(problemOfV3(await update(body))).toEqual([422, 10008, expect.stringContaining(told)]);
  });

  test('a bad label leaves the installation as it is', async () => {
    await update({ suspended: true, metadata: { labels: { 'a b': 'c' } } });
    expect((await portolan.call('getOrganization', { path: { guid } })).body.suspended).toBe(false);
  });

  test('too many labels', async () => {
    const labels = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v']));
    expect(codeOfV3(await update({ suspended: true, metadata: { labels } }))).toEqual([422, 390020]);
    const { body } = await portolan.call('getOrganization', { path: { guid } });
    expect(body.suspended).toBe(false);
    expect(body.metadata.labels).not.toHaveProperty('k0');
  });
});
