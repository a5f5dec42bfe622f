import { containerImage, digest, placement, server, service } from '../../support/catalogue';
import { environment, token, unique } from '../../support/fixtures';
import { beyondAnyKey } from '../../support/keysInText';
import { type Portolan, startPortolan } from '../../support/portolan';
import { keysNamedBy, operationRow, pinDigest, placementRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const create = (id: string, members: object, more: object = {}) =>
  portolan.call('createServiceDeployment', { path: { id }, body: { containerName: unique('shop'), ...members }, ...more });
const countOf = async (id: string) => (await portolan.call('listServiceDeployments', { path: { id } })).body.total;

describe('201', () => {
  test('what is too long to be a key is text', async () => {
    const { id } = await service(portolan, envId);
    const serverId = (await server(portolan, envId)).id;
    expect((await create(id, { serverId, envOverrides: { A: beyondAnyKey() } })).status).toBe(201);
  });

  test('with the two members that are needed: nothing is known of it yet', async () => {
    const { id } = await service(portolan, envId);
    const on = await server(portolan, envId);
    const answer = await create(id, { serverId: on.id, containerName: 'shop' });
    expect(answer.status).toBe(201);
    expect(answer.body.deployment).toEqual({
      id: expect.any(String),
      environmentId: envId,
      serviceId: id,
      serverId: on.id,
      containerName: 'shop',
      composePath: null,
      envOverrides: {},
      exposedPorts: [],
      status: 'unknown',
      containerStatus: 'unknown',
      healthStatus: 'unknown',
      discoveryStatus: 'pending',
      imageDigestId: null,
      runningDigest: null,
      lastCheckedAt: null,
      lastDiscoveredAt: null,
      lastDeployedAt: null,
      lastHealthCheckStatus: null,
      lastHealthCheckAt: null,
      lastHealthCheckType: null,
      lastHealthCheckDurationMs: null,
      lastHealthCheckError: null,
      server: { id: on.id, name: on.name, hostname: '10.0.0.5', publicIp: null, status: 'unknown' },
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
  });

  test('with all members, byte for byte', async () => {
    const { id } = await service(portolan, envId);
    const { id: serverId } = await server(portolan, envId);
    const members = {
      serverId,
      containerName: 'A_b.c-1',
      composePath: '/opt/ü x/compose.yml',
      envOverrides: { _A: ' ü\n"$x" ' },
    };
    expect((await create(id, members)).body.deployment).toMatchObject(members);
  });

  test.each([null, ''])('composePath %j and envOverrides null mean none', async (composePath) => {
    const { id } = await service(portolan, envId);
    const { id: serverId } = await server(portolan, envId);
    const { deployment } = (await create(id, { serverId, composePath, envOverrides: null })).body;
    expect(deployment).toMatchObject({ composePath: null, envOverrides: {} });
  });

  test('Location and ETag are those of the placement', async () => {
    const { id } = await service(portolan, envId);
    const made = await create(id, { serverId: (await server(portolan, envId)).id });
    const read = await portolan.send('GET', String(made.headers.location));
    expect(read.body).toEqual(made.body);
    expect(made.headers.etag).toMatch(/^"1\./);
    expect(read.headers.etag).toBe(made.headers.etag);
  });

  test('one audit row, with variables by key', async () => {
    const { id: serviceId } = await service(portolan, envId);
    const { id: serverId } = await server(portolan, envId);
    const { id } = (await create(serviceId, { serverId, containerName: 'audited', envOverrides: { KEY: 'canary-1' } })).body
      .deployment;
    const rows = await portolan.sql('select * from audit_logs where resource_id = $1', [id]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      action: 'create',
      operation_id: 'createServiceDeployment',
      resource_type: 'service_deployment',
      resource_name: 'audited',
      environment_id: envId,
    });
    expect(rows[0].details.after).toEqual({
      serviceId,
      serverId,
      containerName: 'audited',
      composePath: null,
      envOverrides: ['KEY'],
    });
    expect(JSON.stringify(rows)).not.toContain('canary');
  });

  test('an Idempotency-Key creates one placement', async () => {
    const { id } = await service(portolan, envId);
    const members = { serverId: (await server(portolan, envId)).id, containerName: 'once' };
    const headers = { 'idempotency-key': unique('key') };
    const first = await create(id, members, { headers });
    const again = await create(id, members, { headers });
    expect([again.status, again.headers['idempotent-replayed'], again.body]).toEqual([201, 'true', first.body]);
    expect(await countOf(id)).toBe(1);
  });

  test('by a token of the environment; and while an operation on the service is under way', async () => {
    const { id } = await service(portolan, envId);
    const own = await token(portolan, { environments: [envId], role: 'operator', scopes: ['services:write'] });
    await operationRow(portolan, { kind: 'deploy.run', resource_type: 'service', resource_id: id, environment_id: envId });
    const answer = await create(id, { serverId: (await server(portolan, envId)).id }, { token: own.token });
    expect(answer.status).toBe(201);
  });

  test('what all placements of the image run is no longer one digest', async () => {
    const image = await containerImage(portolan, envId, { tagFilter: '*' });
    const digestId = await digest(portolan, image.id, { tags: ['1.0'] });
    const { id } = await service(portolan, envId, { containerImageId: image.id });
    await pinDigest(portolan, id, digestId);
    await placementRow(portolan, id, digestId);
    await portolan.sql('update container_images set deployed_digest_id = $1 where id = $2', [digestId, image.id]);
    await create(id, { serverId: (await server(portolan, envId)).id });
    const after = (await portolan.call('getContainerImage', { path: { id: image.id } })).body.image;
    expect(after).toMatchObject({ deployedDigestId: null, currentTag: '1.0' });
  });

  test('the keys that its variables name are known', async () => {
    const { id } = await service(portolan, envId);
    await create(id, { serverId: (await server(portolan, envId)).id, envOverrides: { A: '${B_KEY} ${A_KEY}', B: '$${NO}' } });
    expect(await keysNamedBy(portolan, id)).toEqual({ service: [], placements: ['A_KEY', 'B_KEY'] });
  });
});

describe('400', () => {
  test.each([
    ['containerName', { containerName: '' }],
    ['containerName', { containerName: 'x'.repeat(129) }],
    ['containerName', { containerName: '-x' }],
    ['containerName', { containerName: 'a b' }],
    ['containerName', { containerName: 'ü' }],
    ['containerName', { containerName: null }],
    ['composePath', { composePath: 'opt/compose.yml' }],
    ['composePath', { composePath: '~/compose.yml' }],
    ['composePath', { composePath: '/opt/x\n' }],
    ['composePath', { composePath: `/${'x'.repeat(4096)}` }],
    ['envOverrides', { envOverrides: { 'MY KEY': 'x' } }],
    ['envOverrides.A', { envOverrides: { A: 'ü'.repeat(16 * 1024 + 1) } }],
    ['envOverrides.A', { envOverrides: { A: 1 } }],
    ['serverId', { serverId: 1 }],
    ['status', { status: 'healthy', unknownMember: 1 }],
  ])('%s: %j', async (field, members) => {
    const { id } = await service(portolan, envId);
    const answer = await create(id, { serverId: (await server(portolan, envId)).id, ...members });
    expect(answer.body.field === field || answer.body.field.startsWith(`${field}[`)).toBe(true);
    expect(answer.status).toBe(field === 'status' ? 422 : 400);
    expect(await countOf(id)).toBe(0);
  });

  test('all problems at once, in the order of the body', async () => {
    const { id } = await service(portolan, envId);
    const body = { composePath: 'x', containerName: 'shop', serverId: 'nowhere' };
    const answer = await portolan.call('createServiceDeployment', { path: { id }, body });
    expect(answer.body.details.map(({ field, code }: any) => [field, code])).toEqual([
      ['composePath', 'format'],
      ['serverId', 'unknown_reference'],
    ]);
  });

  test.each(['example', '01920000-0000-7000-8000-000000000000'])('the server %s is unknown', async (serverId) => {
    const { id } = await service(portolan, envId);
    const answer = await create(id, { serverId });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, 'serverId', 'unknown_reference']);
  });

  test('a server of another environment; to a token without that, it is unknown', async () => {
    const { id } = await service(portolan, envId);
    const serverId = (await server(portolan, await environment(portolan))).id;
    const codeFor = async (more: object) => (await create(id, { serverId }, more)).body.details[0].code;
    expect(await codeFor({})).toBe('wrong_environment');
    const own = await token(portolan, { environments: [envId], role: 'operator' });
    expect(await codeFor({ token: own.token })).toBe('unknown_reference');
  });
});

describe('403', () => {
  test('a viewer, and a token without the scope', async () => {
    const { id } = await service(portolan, envId);
    const serverId = (await server(portolan, envId)).id;
    const viewer = await token(portolan, { role: 'viewer' });
    expect((await create(id, { serverId }, { token: viewer.token })).body.code).toBe('FORBIDDEN_ROLE');
    const reader = await token(portolan, { role: 'operator', scopes: ['services:read', 'servers:write'] });
    expect((await create(id, { serverId }, { token: reader.token })).body.code).toBe('FORBIDDEN_SCOPE');
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('the service %s, also with a bad body', async (id) => {
    expect((await create(id, { serverId: (await server(portolan, envId)).id })).status).toBe(404);
    expect((await create(id, { containerName: '' })).status).toBe(404);
  });

  test('a service outside a token’s environments', async () => {
    const { id } = await service(portolan, envId);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await create(id, { serverId: (await server(portolan, envId)).id }, { token: other.token })).status).toBe(404);
  });
});

describe('409', () => {
  test('serverId: the service is on that server already', async () => {
    const { id } = await service(portolan, envId);
    const present = await placement(portolan, id);
    const answer = await create(id, { serverId: present.serverId });
    expect([answer.status, answer.body.field]).toEqual([409, 'serverId']);
    expect(answer.body.details).toEqual({ conflictsWith: { type: 'service_deployment', id: present.id } });
  });

  test('containerName: another placement on that server has it; elsewhere it is free', async () => {
    const present = await placement(portolan, (await service(portolan, envId)).id, { containerName: 'taken' });
    const { id } = await service(portolan, envId);
    const answer = await create(id, { serverId: present.serverId, containerName: 'taken' });
    expect([answer.status, answer.body.field]).toEqual([409, 'containerName']);
    expect(answer.body.details).toEqual({ conflictsWith: { type: 'service_deployment', id: present.id } });
    expect((await create(id, { serverId: present.serverId, containerName: 'Taken' })).status).toBe(201);
    expect((await create(id, { serverId: (await server(portolan, envId)).id, containerName: 'taken' })).status).toBe(201);
  });

  test('of two at once on the same server, for one', async () => {
    const { id } = await service(portolan, envId);
    const serverId = (await server(portolan, envId)).id;
    const answers = await Promise.all([create(id, { serverId }), create(id, { serverId })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.field).toBe('serverId');
    expect(await countOf(id)).toBe(1);
  });

  test('of two services that take one container name at once, for one', async () => {
    const serverId = (await server(portolan, envId)).id;
    const ids = [(await service(portolan, envId)).id, (await service(portolan, envId)).id];
    const answers = await Promise.all(ids.map((id) => create(id, { serverId, containerName: 'same' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.field).toBe('containerName');
  });

  test('the deletion of a server and a placement on it at once: one of them is refused', async () => {
    const { id } = await service(portolan, envId);
    const outcomes = new Set<string>();
    for (let i = 0; i < 8; i++) {
      const { id: serverId } = await server(portolan, envId);
      const [made, removed] = await Promise.all([
        create(id, { serverId }),
        portolan.call('deleteServer', { path: { id: serverId } }),
      ]);
      outcomes.add(`${made.status} ${removed.status}`);
    }
    for (const outcome of outcomes) expect(['201 409', '400 204']).toContain(outcome);
  });
});

describe('422', () => {
  test.each(['id', 'serviceId', 'status', 'runningDigest', 'exposedPorts', 'server', 'lastCheckedAt'])('%s', async (member) => {
    const { id } = await service(portolan, envId);
    const answer = await create(id, { serverId: (await server(portolan, envId)).id, [member]: 'x' });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'READONLY_FIELD', member]);
  });
});
