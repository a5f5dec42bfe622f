import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const create = async (members: object = {}, inEnvironment = envId) => {
  const body = { name: unique('registry'), type: 'generic', registryUrl: 'ghcr.io', ...members };
  const answer = await portolan.call('createRegistry', { path: { envId: inEnvironment }, body });
  expect(answer.status).toBe(201);
  return answer.body.registry;
};
const update = (id: string, body: unknown, more: object = {}) => portolan.call('updateRegistry', { path: { id }, body, ...more });

describe('200', () => {
  test('the seed page’s body succeeds with an interval inside its limits', async () => {
    const { id } = await create();
    const answer = await update(id, {
      name: 'example',
      type: 'digitalocean',
      registryUrl: 'example',
      repositoryPrefix: 'example',
      token: 'example',
      username: 'example',
      password: 'example',
      isDefault: true,
      refreshIntervalMinutes: 5.5,
      autoLinkPattern: 'example',
    });
    expect(answer.status).toBe(200);
    expect(answer.body.registry).toMatchObject({
      name: 'example',
      type: 'digitalocean',
      registryUrl: 'example',
      repositoryPrefix: 'example',
      username: 'example',
      hasToken: true,
      hasPassword: true,
      isDefault: true,
      refreshIntervalMinutes: 5.5,
      autoLinkPattern: 'example',
    });
    expect(answer.text).not.toContain('"token"');
    expect(answer.headers.etag).toMatch(/^"2\.[0-9a-f]+"$/);
  });

  const nullable = ['repositoryPrefix', 'username', 'autoLinkPattern'] as const;
  test.each(nullable)('%s: absent keeps, null and "" clear, a value sets', async (member) => {
    const { id } = await create({ [member]: 'first' });
    expect((await update(id, { name: unique('renamed') })).body.registry[member]).toBe('first');
    expect((await update(id, { [member]: null })).body.registry[member]).toBeNull();
    expect((await update(id, { [member]: 'second' })).body.registry[member]).toBe('second');
    expect((await update(id, { [member]: '' })).body.registry[member]).toBeNull();
  });

  test.each([
    ['token', 'hasToken'],
    ['password', 'hasPassword'],
  ] as const)('%s: absent keeps, null and "" clear, a value sets', async (member, flag) => {
    const { id } = await create({ username: 'ci', [member]: 'first' });
    expect((await update(id, { name: unique('renamed') })).body.registry[flag]).toBe(true);
    expect((await update(id, { [member]: null })).body.registry[flag]).toBe(false);
    expect((await update(id, { [member]: 'second' })).body.registry[flag]).toBe(true);
    expect((await update(id, { [member]: '' })).body.registry[flag]).toBe(false);
  });

  test.each([
    ['name', 'another-name'],
    ['type', 'dockerhub'],
    ['registryUrl', 'https://registry.example.com:5000/'],
    ['isDefault', true],
    ['refreshIntervalMinutes', 30],
    ['refreshIntervalMinutes', 7.25],
  ])('%s: absent keeps, null is refused, %s is set', async (member, value) => {
    const registry = await create();
    expect((await update(registry.id, { autoLinkPattern: 'x/*' })).body.registry[member]).toEqual(registry[member]);
    const refused = await update(registry.id, { [member]: null });
    expect([refused.status, refused.body.field]).toEqual([400, member]);
    expect((await update(registry.id, { [member]: value })).body.registry[member]).toEqual(value);
  });

  test('the default flag moves from the connection that had it', async () => {
    const first = await create({ isDefault: true });
    const second = await create();
    await update(second.id, { isDefault: true });
    const answer = await portolan.call('getRegistry', { path: { id: first.id } });
    expect(answer.body.registry.isDefault).toBe(false);
  });

  test('a patch that changes nothing leaves version, time and history alone', async () => {
    const registry = await create();
    const answer = await update(registry.id, { name: registry.name });
    expect(answer.headers.etag).toMatch(/^"1\./);
    expect(answer.body.registry.updatedAt).toBe(registry.updatedAt);
    const rows = await portolan.sql('select action from audit_logs where resource_id = $1', [registry.id]);
    expect(rows).toEqual([{ action: 'create' }]);
  });

  test('the audit row names what changed, and no secret', async () => {
    const { id } = await create();
    await update(id, { username: 'ci', password: 'canary-1234' });
    const [row] = await portolan.sql("select * from audit_logs where resource_id = $1 and action = 'update'", [id]);
    expect(row.details).toEqual({ changed: ['username', 'password'], before: { username: null }, after: { username: 'ci' } });
    expect(JSON.stringify(row)).not.toContain('canary');
  });

  test('an Idempotency-Key is acted on once', async () => {
    const { id } = await create();
    const headers = { 'idempotency-key': unique('key') };
    const first = await update(id, { refreshIntervalMinutes: 10 }, { headers });
    await update(id, { refreshIntervalMinutes: 20 });
    const again = await update(id, { refreshIntervalMinutes: 10 }, { headers });
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.text).toBe(first.text);
    expect((await portolan.call('getRegistry', { path: { id } })).body.registry.refreshIntervalMinutes).toBe(20);
  });
});

describe('400', () => {
  test('the seed page’s interval of 1 is below its own minimum', async () => {
    const { id } = await create();
    const answer = await update(id, { refreshIntervalMinutes: 1 });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'VALIDATION_ERROR', field: 'refreshIntervalMinutes' });
  });

  test.each([
    [{ name: '' }, 'name', 'minLength'],
    [{ name: 'x'.repeat(256) }, 'name', 'maxLength'],
    [{ type: 'quay' }, 'type', 'enum'],
    [{ refreshIntervalMinutes: 1441 }, 'refreshIntervalMinutes', 'maximum'],
    [{ refreshIntervalMinutes: '30' }, 'refreshIntervalMinutes', 'type'],
    [{ registryUrl: 'ftp://x' }, 'registryUrl', 'format'],
    [{ registryUrl: '169.254.169.254' }, 'registryUrl', 'format'],
    [{ autoLinkPattern: 'x'.repeat(256) }, 'autoLinkPattern', 'maxLength'],
    [{ refreshInterval: 15 }, 'refreshInterval', 'unknown_member'],
    [{ type: 'digitalocean' }, 'repositoryPrefix', 'inconsistent'],
    [{ password: 'x' }, 'username', 'inconsistent'],
  ])('%j', async (body, field, code) => {
    const { id } = await create();
    const answer = await update(id, body);
    expect(answer.status).toBe(400);
    expect(answer.body.field).toBe(field);
    expect(answer.body.details[0].code).toBe(code);
  });

  test('an unknown member is answered with the nearest known one', async () => {
    const { id } = await create();
    const answer = await update(id, { refreshInterval: 15 });
    expect(answer.body.hint).toBe('Did you mean refreshIntervalMinutes?');
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000', '%00'])('%s', async (id) => {
    const answer = await update(id, { name: '' });
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
  });

  test('a connection of another environment is hidden from a limited token, also with a bad body', async () => {
    const { id } = await create();
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await update(id, { name: '' }, { token: other.token })).status).toBe(404);
    const own = await token(portolan, { environments: [envId], role: 'operator' });
    expect((await update(id, { name: unique('own') }, { token: own.token })).status).toBe(200);
  });
});

describe('409', () => {
  test('when the name is taken', async () => {
    const taken = await create();
    const { id } = await create();
    const answer = await update(id, { name: taken.name });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([409, 'CONFLICT', 'name']);
    expect(answer.body.details.conflictsWith).toEqual({ type: 'registry', id: taken.id });
  });

  test('when an Idempotency-Key comes with another body', async () => {
    const { id } = await create();
    const headers = { 'idempotency-key': unique('key') };
    await update(id, { refreshIntervalMinutes: 10 }, { headers });
    const answer = await update(id, { refreshIntervalMinutes: 11 }, { headers });
    expect([answer.status, answer.body.code]).toEqual([409, 'IDEMPOTENCY_KEY_REUSED']);
  });
});

describe('412', () => {
  test('when If-Match names another version; background changes do not count', async () => {
    const registry = await create();
    const read = await portolan.call('getRegistry', { path: { id: registry.id } });
    const etag = String(read.headers.etag);
    await portolan.sql("update registries set last_refresh_status = 'ok' where id = $1", [registry.id]);
    expect((await update(registry.id, { username: 'a' }, { headers: { 'if-match': etag } })).status).toBe(200);
    const stale = await update(registry.id, { username: 'b' }, { headers: { 'if-match': etag } });
    expect(stale.status).toBe(412);
    const now = await portolan.call('getRegistry', { path: { id: registry.id } });
    expect(stale.body.details.currentEtag).toBe(now.headers.etag);
  });
});

describe('422', () => {
  test('a read-only member goes before every other problem, and nothing is applied', async () => {
    const { id } = await create();
    const answer = await update(id, { refreshInterval: 15, lastRefreshAt: null, refreshIntervalMinutes: 60 });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'READONLY_FIELD', 'lastRefreshAt']);
    expect(answer.body.hint).toBe('Run checkRegistryUpdates to refresh now.');
    expect(answer.body.details.map((issue: { code: string }) => issue.code)).toEqual(['unknown_member', 'read_only']);
    expect((await portolan.call('getRegistry', { path: { id } })).body.registry.refreshIntervalMinutes).toBe(30);
  });
});
