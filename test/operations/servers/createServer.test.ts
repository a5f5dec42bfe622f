import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { hostRow } from '../../support/servers';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan, 'production');
  await portolan.sql("update environments set display_name = 'Production' where id = $1", [envId]);
});
afterAll(() => portolan.close());

const minimal = (members: object = {}) => ({ name: unique('server'), hostname: '10.0.0.5', ...members });
const create = (body: unknown, more: object = {}) => portolan.call('createServer', { path: { envId }, body, ...more });

describe('201', () => {
  test('the required members alone; the others have their defaults', async () => {
    const body = minimal();
    const answer = await create(body);
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      server: {
        ...body,
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        environmentId: envId,
        privateIp: '10.0.0.5',
        publicIp: null,
        tags: [],
        dockerMode: 'ssh',
        clusterId: null,
        metricsMode: 'disabled',
        sshPort: 22,
        hostKeyFingerprint: null,
        status: 'unknown',
        serverType: 'remote',
        lastCheckedAt: null,
        lastHealthCheckStatus: null,
        lastHealthCheckAt: null,
        lastHealthCheckType: null,
        lastHealthCheckDurationMs: null,
        lastHealthCheckError: null,
        metrics: null,
        environment: { id: envId, name: 'production', displayName: 'Production' },
        _count: { services: 0 },
        createdAt: expect.any(String),
        updatedAt: answer.body.server.createdAt,
      },
    });
  });

  test('Location and ETag are those of the object', async () => {
    const answer = await create(minimal());
    const location = String(answer.headers.location);
    expect(location).toBe(`/api/servers/${answer.body.server.id}`);
    const read = await portolan.send('GET', location);
    expect([read.status, read.body, read.headers.etag]).toEqual([200, answer.body, answer.headers.etag]);
    expect(answer.headers.etag).toMatch(/^"1\./);
  });

  test.each([
    [
      'every member at once',
      { publicIp: '203.0.113.7', tags: ['b', 'a', 'b'], metricsMode: 'ssh', sshPort: 2222, clusterId: null },
    ],
    ['blanks and letter case of a name', { name: '  Harbour  ' }],
    ['the spelling of a hostname', { hostname: 'Web-1.Example.COM' }],
    ['an address of version 6', { hostname: 'fd00::5', publicIp: '2001:db8::1' }],
    ['a hostname of 255 characters', { hostname: 'h'.repeat(255) }],
    ['100 tags of 64 characters', { tags: Array.from({ length: 100 }, (_, i) => String(i).padStart(64, 't')) }],
    ['the socket of the local host', { hostname: '127.0.0.1', dockerMode: 'socket' }],
  ])('%s comes back as given', async (_what, members) => {
    const answer = await create(minimal(members));
    expect(answer.status).toBe(201);
    expect(answer.body.server).toMatchObject(members);
  });

  test.each([
    ['localhost', 'host'],
    ['::1', 'host'],
    ['10.0.0.5', 'remote'],
  ])('%s is of the type %s', async (hostname, serverType) => {
    expect((await create(minimal({ hostname }))).body.server).toMatchObject({
      serverType,
      privateIp: hostname,
      dockerMode: 'ssh',
    });
  });

  test('dockerMode starts as the environment says, where the host allows it', async () => {
    const place = await environment(portolan);
    await portolan.sql(
      `insert into environment_settings (environment_id, module, settings)
       values ($1, 'operations', '{"defaultDockerMode":"socket"}')`,
      [place],
    );
    const modeOf = async (members: object) => (await create(minimal(members), { path: { envId: place } })).body.server.dockerMode;
    expect(await modeOf({ hostname: 'localhost' })).toBe('socket');
    expect(await modeOf({ hostname: 'localhost', dockerMode: 'ssh' })).toBe('ssh');
    expect(await modeOf({ hostname: '10.0.0.5' })).toBe('ssh');
  });

  test('publicIp: null and "" are nothing', async () => {
    for (const publicIp of [null, '']) expect((await create(minimal({ publicIp }))).body.server.publicIp).toBeNull();
  });

  test('the same name in another environment', async () => {
    const body = minimal();
    await create(body);
    expect((await create(body, { path: { envId: await environment(portolan) } })).status).toBe(201);
  });

  test('the environment counts it, and the audit tells of it', async () => {
    const place = await environment(portolan);
    const answer = await create(minimal({ tags: ['web'] }), { path: { envId: place } });
    const shown = await portolan.call('getEnvironment', { path: { id: place } });
    expect(shown.body.environment._count.servers).toBe(1);
    const [row] = await portolan.sql('select * from audit_logs where resource_id = $1', [answer.body.server.id]);
    expect(row).toMatchObject({ action: 'create', resource_type: 'server', environment_id: place });
    expect(row.details).toMatchObject({ changed: ['name', 'hostname', 'tags'], after: { tags: ['web'] } });
  });

  test('an Idempotency-Key is acted on once', async () => {
    const body = minimal();
    const headers = { 'idempotency-key': unique('key') };
    const first = await create(body, { headers });
    const again = await create(body, { headers });
    expect([again.status, again.text, again.headers['idempotent-replayed']]).toEqual([201, first.text, 'true']);
  });
});

describe('400', () => {
  test('a hostname of another form, with what to send instead', async () => {
    const { body } = await create({ hostname: 'a b' });
    expect(body.hint).toBe('Send an address or a name without blanks, which does not begin with a hyphen.');
  });

  test.each([
    [{ name: '' }, 'name', 'minLength'],
    [{ name: 'x'.repeat(256) }, 'name', 'maxLength'],
    [{ name: 'a\nb' }, 'name', 'pattern'],
    [{ name: undefined }, 'name', 'required'],
    [{ hostname: undefined }, 'hostname', 'required'],
    [{ hostname: '' }, 'hostname', 'minLength'],
    [{ hostname: 'a b' }, 'hostname', 'pattern'],
    [{ hostname: '-oProxyCommand=x' }, 'hostname', 'pattern'],
    [{ publicIp: '-x' }, 'publicIp', 'pattern'],
    [{ tags: [''] }, 'tags[0]', 'minLength'],
    [{ tags: ['x'.repeat(65)] }, 'tags[0]', 'maxLength'],
    [{ tags: Array.from({ length: 101 }, () => 't') }, 'tags', 'maxItems'],
    [{ tags: 'web' }, 'tags', 'type'],
    [{ dockerMode: 'tcp' }, 'dockerMode', 'enum'],
    [{ dockerMode: 'socket' }, 'dockerMode', 'inconsistent'],
    [{ metricsMode: 'agent' }, 'metricsMode', 'enum'],
    [{ sshPort: 0 }, 'sshPort', 'minimum'],
    [{ sshPort: 65536 }, 'sshPort', 'maximum'],
    [{ sshPort: '22' }, 'sshPort', 'type'],
    [{ clusterId: '01920000-0000-7000-8000-000000000000' }, 'clusterId', 'unknown_reference'],
    [{ hostnme: 'x' }, 'hostnme', 'unknown_member'],
  ])('%j', async (members, field, code) => {
    const answer = await create(minimal(members));
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });

  test('problems come in the order of the body', async () => {
    const id = '01920000-0000-7000-8000-000000000000';
    const answer = await create({ clusterId: id, dockerMode: 'socket', ...minimal() });
    expect(answer.body.details.map((issue: { field: string }) => issue.field)).toEqual(['clusterId', 'dockerMode']);
  });
});

describe('403', () => {
  test('for a viewer, and without the scope', async () => {
    for (const wishes of [{ role: 'viewer' as const }, { scopes: ['servers:read'] }]) {
      const weak = await token(portolan, wishes);
      expect((await create(minimal(), { token: weak.token })).status).toBe(403);
    }
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('environment %s, also with a bad body', async (unknown) => {
    expect((await create({}, { path: { envId: unknown } })).status).toBe(404);
  });

  test('an environment outside of the token’s', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await create(minimal(), { token: other.token })).status).toBe(404);
  });
});

describe('409', () => {
  test('when the name is taken', async () => {
    const name = unique('taken');
    const id = await hostRow(portolan, envId, { name });
    const answer = await create(minimal({ name }));
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([409, 'CONFLICT', 'name']);
    expect(answer.body.details.conflictsWith).toEqual({ type: 'server', id });
  });

  test('for one of two that come at once', async () => {
    const name = unique('race');
    const statuses = (await Promise.all([1, 2, 3].map(() => create(minimal({ name }))))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409, 409]);
  });
});

describe('422', () => {
  test.each([
    'id',
    'privateIp',
    'hostKeyFingerprint',
    'status',
    'serverType',
    'metrics',
    'environment',
    '_count',
    'lastCheckedAt',
  ])('%s is set by Portolan', async (member) => {
    const answer = await create(minimal({ [member]: null }));
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'READONLY_FIELD', member]);
    expect(answer.body.hint).toBeTruthy();
  });
});
