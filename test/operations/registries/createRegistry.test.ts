import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { registryRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const minimal = (members: object = {}) => ({ name: unique('registry'), type: 'generic', registryUrl: 'ghcr.io', ...members });
const create = (body: unknown, more: object = {}) => portolan.call('createRegistry', { path: { envId }, body, ...more });
const get = (id: string) => portolan.call('getRegistry', { path: { id } });

describe('201', () => {
  test('the required members alone; the others have their defaults', async () => {
    const body = minimal();
    const answer = await create(body);
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      registry: {
        ...body,
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        environmentId: envId,
        repositoryPrefix: null,
        username: null,
        hasToken: false,
        hasPassword: false,
        isDefault: false,
        refreshIntervalMinutes: 30,
        autoLinkPattern: null,
        lastRefreshAt: null,
        lastRefreshStatus: 'never',
        lastRefreshError: null,
        imageCount: 0,
        _count: { containerImages: 0 },
        createdAt: expect.any(String),
        updatedAt: answer.body.registry.createdAt,
      },
    });
  });

  test('Location and ETag are those of the object', async () => {
    const answer = await create(minimal());
    const location = String(answer.headers.location);
    expect(location).toBe(`/api/registries/${answer.body.registry.id}`);
    const read = await portolan.send('GET', location);
    expect([read.status, read.body, read.headers.etag]).toEqual([200, answer.body, answer.headers.etag]);
    expect(answer.headers.etag).toMatch(/^"1\./);
  });

  test('every member at once; credentials show as present only', async () => {
    const settings = {
      name: unique('full'),
      type: 'digitalocean',
      registryUrl: 'https://registry.digitalocean.com',
      repositoryPrefix: 'acme',
      username: 'ci',
      isDefault: false,
      refreshIntervalMinutes: 12.5,
      autoLinkPattern: 'acme/**',
    };
    const answer = await create({ ...settings, token: 'canary-token', password: 'canary-password' });
    expect(answer.body.registry).toMatchObject({ ...settings, hasToken: true, hasPassword: true });
    expect(answer.text).not.toContain('canary');
    const [row] = await portolan.sql('select * from registries where id = $1', [answer.body.registry.id]);
    expect(row.token_sealed).toMatch(/^v1\.k1\./);
    expect(row.password_sealed).toMatch(/^v1\.k1\./);
    expect(JSON.stringify(row)).not.toContain('canary');
  });

  test.each(['repositoryPrefix', 'username', 'autoLinkPattern', 'token', 'password'])('%s: null and "" are nothing', async (member) => {
    for (const value of [null, '']) {
      const { registry } = (await create(minimal({ [member]: value }))).body;
      const shown = { token: 'hasToken', password: 'hasPassword' }[member] ?? member;
      expect(registry[shown]).toBe(shown === member ? null : false);
    }
  });

  test.each([
    ['a name of one character', { name: 'x' }],
    ['a name of 255 characters beyond the first plane', { name: '🚢'.repeat(255) }],
    ['blanks and letter case of a name', { name: '  Harbour  ' }],
    ['the spelling of a URL', { registryUrl: 'HTTPS://Registry.Example.com:5000/v2/' }],
    ['an interval of 5', { refreshIntervalMinutes: 5 }],
    ['an interval of 1440', { refreshIntervalMinutes: 1440 }],
    ['fractions of an interval', { refreshIntervalMinutes: 59.999 }],
    ['a pattern of 255 characters', { autoLinkPattern: 'a'.repeat(255) }],
    ['combining characters', { username: 'e\u0301' }],
  ])('%s comes back as given', async (_what, members) => {
    const answer = await create(minimal(members));
    expect(answer.status).toBe(201);
    expect((await get(answer.body.registry.id)).body.registry).toMatchObject(members);
    await portolan.call('deleteRegistry', { path: { id: answer.body.registry.id } });
  });

  test('names differ by letter case', async () => {
    const name = unique('case');
    expect((await create(minimal({ name }))).status).toBe(201);
    expect((await create(minimal({ name: name.toUpperCase() }))).status).toBe(201);
  });

  test('the same name in another environment', async () => {
    const body = minimal();
    expect((await create(body)).status).toBe(201);
    expect((await create(body, { path: { envId: await environment(portolan) } })).status).toBe(201);
  });

  test('a new default takes the flag of the old one and counts its version up', async () => {
    const old = (await create(minimal({ isDefault: true }))).body.registry;
    const elsewhere = await registryRow(portolan, await environment(portolan), { is_default: true });
    expect((await create(minimal({ isDefault: true }))).body.registry.isDefault).toBe(true);
    const shown = await get(old.id);
    expect([shown.body.registry.isDefault, String(shown.headers.etag).split('.')[0]]).toEqual([false, '"2']);
    expect((await get(elsewhere)).body.registry.isDefault).toBe(true);
  });

  test('the audit row holds who, what and where, and no secret', async () => {
    const { token: own, userId, tokenId } = await token(portolan, { role: 'operator', environments: [envId] });
    const body = minimal({ username: 'ci', password: 'canary-1234' });
    const answer = await create(body, { token: own });
    const rows = await portolan.sql('select * from audit_logs where resource_id = $1', [answer.body.registry.id]);
    expect(rows).toMatchObject([
      {
        action: 'create',
        operation_id: 'createRegistry',
        resource_type: 'registry',
        resource_name: body.name,
        environment_id: envId,
        user_id: userId,
        api_token_id: tokenId,
        success: true,
        request_id: answer.headers['x-request-id'],
      },
    ]);
    expect(rows[0].details).toEqual({
      changed: ['name', 'type', 'registryUrl', 'username', 'password'],
      before: {},
      after: { name: body.name, type: 'generic', registryUrl: 'ghcr.io', username: 'ci' },
    });
  });

  test('an Idempotency-Key is acted on once, whatever the order of members', async () => {
    const headers = { 'idempotency-key': unique('key') };
    const body = minimal({ isDefault: false });
    const first = await create(body, { headers });
    const reordered = Object.fromEntries(Object.entries(body).reverse());
    const again = await create(reordered, { headers });
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect([again.status, again.text, again.headers.location, again.headers.etag]).toEqual([
      201,
      first.text,
      first.headers.location,
      first.headers.etag,
    ]);
  });
});

describe('400', () => {
  test.each([
    [{}, 'name', 'required'],
    [{ name: 'x', type: 'generic' }, 'registryUrl', 'required'],
    [minimal({ name: null }), 'name', 'type'],
    [minimal({ name: '' }), 'name', 'minLength'],
    [minimal({ name: 'x'.repeat(256) }), 'name', 'maxLength'],
    [minimal({ name: 'a\nb' }), 'name', 'pattern'],
    [minimal({ name: 'a\u0085b' }), 'name', 'pattern'],
    [minimal({ name: 7 }), 'name', 'type'],
    [minimal({ type: 'quay' }), 'type', 'enum'],
    [minimal({ type: null }), 'type', 'type'],
    [minimal({ registryUrl: '' }), 'registryUrl', 'minLength'],
    [minimal({ registryUrl: `https://${'x'.repeat(2048)}` }), 'registryUrl', 'maxLength'],
    [minimal({ registryUrl: 'ftp://x' }), 'registryUrl', 'format'],
    [minimal({ registryUrl: 'http://169.254.169.254/v2' }), 'registryUrl', 'format'],
    [minimal({ isDefault: null }), 'isDefault', 'type'],
    [minimal({ isDefault: 'true' }), 'isDefault', 'type'],
    [minimal({ refreshIntervalMinutes: 4.99 }), 'refreshIntervalMinutes', 'minimum'],
    [minimal({ refreshIntervalMinutes: 1440.1 }), 'refreshIntervalMinutes', 'maximum'],
    [minimal({ refreshIntervalMinutes: null }), 'refreshIntervalMinutes', 'type'],
    [minimal({ autoLinkPattern: 'x'.repeat(256) }), 'autoLinkPattern', 'maxLength'],
    [minimal({ autoLinkPatern: 'x' }), 'autoLinkPatern', 'unknown_member'],
    [minimal({ type: 'digitalocean', token: 'x' }), 'repositoryPrefix', 'inconsistent'],
    [minimal({ type: 'digitalocean', repositoryPrefix: 'acme' }), 'token', 'inconsistent'],
    [minimal({ type: 'digitalocean', repositoryPrefix: 'acme', token: '' }), 'token', 'inconsistent'],
    [minimal({ type: 'dockerhub', token: 'x' }), 'username', 'inconsistent'],
    [minimal({ type: 'dockerhub', password: 'x' }), 'username', 'inconsistent'],
    [minimal({ password: 'x', username: '' }), 'username', 'inconsistent'],
    [[], '', 'type'],
    ['', '', 'required'],
    ['null', '', 'type'],
    ['{"name":"a","name":"b"}', 'name', 'unparsable'],
    ['{"name":"a\\u0000"}', 'name', 'format'],
    ['{"name":', '', 'unparsable'],
  ])('%j', async (body, field, code) => {
    const answer = await create(body);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([400, 'VALIDATION_ERROR', field]);
    expect(answer.body.details[0].code).toBe(code);
  });

  test('every problem at once, in the order of the body; what is missing comes last', async () => {
    const answer = await create({ registryUrl: 7, isDefault: 'no', type: 'quay' });
    expect(answer.body.details.map(({ field }: { field: string }) => field)).toEqual(['registryUrl', 'isDefault', 'type', 'name']);
  });

  test('nothing is left behind, neither a row nor a used key', async () => {
    const place = await environment(portolan);
    const headers = { 'idempotency-key': unique('key') };
    const path = { envId: place };
    expect((await create(minimal({ password: 'x' }), { path, headers })).status).toBe(400);
    expect((await portolan.call('listRegistries', { path })).body.total).toBe(0);
    expect((await create(minimal(), { path, headers })).status).toBe(201);
  });
});

describe('403', () => {
  test('for a viewer, and for a token without the scope, whatever the body', async () => {
    const viewer = await token(portolan, { role: 'viewer' });
    const refused = await create({}, { token: viewer.token });
    expect([refused.status, refused.body.details]).toEqual([403, { requiredRole: 'operator' }]);
    const reader = await token(portolan, { role: 'operator', scopes: ['registries:read'] });
    const unscoped = await create({}, { token: reader.token });
    expect([unscoped.status, unscoped.body.details]).toEqual([403, { requiredScope: 'registries:write' }]);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('environment %s, also with a bad body', async (unknown) => {
    expect((await create({}, { path: { envId: unknown } })).status).toBe(404);
    expect((await create(minimal(), { path: { envId: unknown } })).status).toBe(404);
  });

  test('an environment outside of the token’s', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await create(minimal(), { token: other.token })).status).toBe(404);
  });
});

describe('409', () => {
  test('when the name is taken; the old default keeps its flag', async () => {
    const taken = (await create(minimal({ isDefault: true }))).body.registry;
    const answer = await create(minimal({ name: taken.name, isDefault: true }));
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([409, 'CONFLICT', 'name']);
    expect(answer.body.details.conflictsWith).toEqual({ type: 'registry', id: taken.id });
    expect((await get(taken.id)).body.registry.isDefault).toBe(true);
  });

  test('the other one is not named to a token that may not read it', async () => {
    const taken = (await create(minimal())).body.registry;
    const writer = await token(portolan, { scopes: ['registries:write'] });
    const answer = await create(minimal({ name: taken.name }), { token: writer.token });
    expect([answer.status, answer.body.details]).toEqual([409, undefined]);
  });

  test('when an Idempotency-Key comes with another body', async () => {
    const headers = { 'idempotency-key': unique('key') };
    await create(minimal(), { headers });
    const answer = await create(minimal(), { headers });
    expect([answer.status, answer.body.code]).toEqual([409, 'IDEMPOTENCY_KEY_REUSED']);
  });
});

describe('422', () => {
  test.each(['id', 'environmentId', 'createdAt', 'updatedAt', 'hasToken', 'imageCount', '_count', 'lastRefreshStatus'])(
    '%s is set by Portolan',
    async (member) => {
      const answer = await create(minimal({ [member]: null, nmae: 'x' }));
      expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'READONLY_FIELD', member]);
      expect(answer.body.hint).toBeTruthy();
      expect(answer.body.details).toHaveLength(2);
    },
  );
});
