import { placement, service } from '../../support/catalogue';
import { attachment, configFile } from '../../support/configFiles';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const attach = (id: string, body: object, more: object = {}) =>
  portolan.call('attachServiceFile', { path: { id }, body, ...more });
const countOf = async (id: string) => (await portolan.call('listServiceFiles', { path: { id } })).body.total;
const both = async () => ({ id: (await service(portolan, envId)).id, file: await configFile(portolan, envId) });

describe('201', () => {
  test('a base attachment: nothing is delivered yet', async () => {
    const { id, file } = await both();
    const answer = await attach(id, { configFileId: file.id, targetPath: '/etc/shop/app.yml' });
    expect(answer.status).toBe(201);
    expect(answer.body.serviceFile).toEqual({
      id: expect.any(String),
      environmentId: envId,
      serviceId: id,
      configFileId: file.id,
      serviceDeploymentId: null,
      kind: 'base',
      targetPath: '/etc/shop/app.yml',
      lastSyncedAt: null,
      syncStatus: 'never',
      configFile: {
        id: file.id,
        name: file.name,
        filename: 'app.yml',
        description: null,
        isBinary: false,
        mimeType: null,
        fileSize: 5,
      },
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
  });

  test('an override, beside the base attachment of the same file and path', async () => {
    const { id, file } = await both();
    const placed = await placement(portolan, id);
    const body = { configFileId: file.id, targetPath: '/etc/a' };
    await attach(id, body);
    const answer = await attach(id, { ...body, serviceDeploymentId: placed.id });
    expect(answer.body.serviceFile).toMatchObject({ kind: 'override', serviceDeploymentId: placed.id, targetPath: '/etc/a' });
    const other = await placement(portolan, id);
    expect((await attach(id, { ...body, serviceDeploymentId: other.id })).status).toBe(201);
    expect(await countOf(id)).toBe(3);
  });

  test.each(['/a', '/Ä b/$x', `/${'x'.repeat(4095)}`, '/a//b', '/a.b/.c'])(
    '%#: the path comes back as it is',
    async (targetPath) => {
      const { id, file } = await both();
      expect((await attach(id, { configFileId: file.id, targetPath })).body.serviceFile.targetPath).toBe(targetPath);
    },
  );

  test.each([null, ''])('serviceDeploymentId %j means all placements', async (serviceDeploymentId) => {
    const { id, file } = await both();
    const answer = await attach(id, { configFileId: file.id, targetPath: '/a', serviceDeploymentId });
    expect(answer.body.serviceFile.kind).toBe('base');
  });

  test('the config file tells of it, and may not be deleted', async () => {
    const { id, file } = await both();
    const made = await attachment(portolan, id, file.id);
    const { configFile: read } = (await portolan.call('getConfigFile', { path: { id: file.id } })).body;
    expect(read).toMatchObject({ syncStatus: 'never', services: [{ id: made.id, kind: 'base', service: { id } }] });
    expect((await portolan.call('deleteConfigFile', { path: { id: file.id } })).status).toBe(409);
  });

  test('Location and ETag are those of the attachment', async () => {
    const { id, file } = await both();
    const made = await attach(id, { configFileId: file.id, targetPath: '/a' });
    const read = await portolan.send('GET', String(made.headers.location));
    expect([read.body, read.headers.etag]).toEqual([made.body, made.headers.etag]);
  });

  test('one audit row', async () => {
    const { id, file } = await both();
    const made = await attachment(portolan, id, file.id, { targetPath: '/a' });
    const rows = await portolan.sql('select * from audit_logs where resource_id = $1', [made.id]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      action: 'create',
      operation_id: 'attachServiceFile',
      resource_type: 'service_file',
      resource_name: file.name,
      environment_id: envId,
    });
    expect(rows[0].details.after).toEqual({ serviceId: id, configFileId: file.id, serviceDeploymentId: null, targetPath: '/a' });
  });

  test('an Idempotency-Key attaches once', async () => {
    const { id, file } = await both();
    const headers = { 'idempotency-key': unique('key') };
    const body = { configFileId: file.id, targetPath: '/a' };
    const first = await attach(id, body, { headers });
    const again = await attach(id, body, { headers });
    expect([again.status, again.headers['idempotent-replayed'], again.body]).toEqual([201, 'true', first.body]);
    expect(await countOf(id)).toBe(1);
  });
});

describe('400', () => {
  test.each(['a', './a', '', '/', '/a/', '/a/../b', '/..', '/a\n', '/a\u0000', `/${'x'.repeat(4096)}`, null, 7])(
    'targetPath %j',
    async (targetPath) => {
      const { id, file } = await both();
      const answer = await attach(id, { configFileId: file.id, targetPath });
      expect([answer.status, answer.body.field]).toEqual([400, 'targetPath']);
      expect(await countOf(id)).toBe(0);
    },
  );

  test('without what is needed, and with what is not known', async () => {
    const { id, file } = await both();
    const fields = async (body: object) => (await attach(id, body)).body.details.map(({ field, code }: any) => [field, code]);
    expect(await fields({})).toEqual([
      ['configFileId', 'required'],
      ['targetPath', 'required'],
    ]);
    expect(await fields({ configFileId: file.id, targetPath: '/a', path: 'x' })).toEqual([['path', 'unknown_member']]);
  });

  test.each(['example', '01920000-0000-7000-8000-000000000000'])('the file and the placement %s are unknown', async (nobody) => {
    const { id } = await both();
    const answer = await attach(id, { serviceDeploymentId: nobody, targetPath: '/a', configFileId: nobody });
    expect(answer.status).toBe(400);
    expect(answer.body.details.map(({ field, code }: any) => [field, code])).toEqual([
      ['serviceDeploymentId', 'unknown_reference'],
      ['configFileId', 'unknown_reference'],
    ]);
  });

  test('a file of another environment; to a token without that, it is unknown', async () => {
    const { id } = await both();
    const file = await configFile(portolan, await environment(portolan));
    const codeFor = async (more: object) =>
      (await attach(id, { configFileId: file.id, targetPath: '/a' }, more)).body.details[0].code;
    expect(await codeFor({})).toBe('wrong_environment');
    const own = await token(portolan, { environments: [envId], role: 'operator' });
    expect(await codeFor({ token: own.token })).toBe('unknown_reference');
  });

  test('a placement of another service', async () => {
    const { id, file } = await both();
    const other = await placement(portolan, (await service(portolan, envId)).id);
    const answer = await attach(id, { configFileId: file.id, targetPath: '/a', serviceDeploymentId: other.id });
    expect([answer.status, answer.body.field]).toEqual([400, 'serviceDeploymentId']);
  });
});

describe('403', () => {
  test('a viewer, and a token without the scope', async () => {
    const { id, file } = await both();
    const body = { configFileId: file.id, targetPath: '/a' };
    const viewer = await token(portolan, { role: 'viewer' });
    expect((await attach(id, body, { token: viewer.token })).body.code).toBe('FORBIDDEN_ROLE');
    const other = await token(portolan, { role: 'operator', scopes: ['configs:read', 'services:write'] });
    expect((await attach(id, body, { token: other.token })).body.code).toBe('FORBIDDEN_SCOPE');
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('the service %s, also with a bad body', async (id) => {
    expect((await attach(id, {})).status).toBe(404);
  });

  test('a service outside a token’s environments', async () => {
    const { id, file } = await both();
    const other = await token(portolan, { environments: [await environment(portolan)], role: 'operator' });
    expect((await attach(id, { configFileId: file.id, targetPath: '/a' }, { token: other.token })).status).toBe(404);
  });
});

describe('409', () => {
  test('configFileId: it is attached at this level', async () => {
    const { id, file } = await both();
    const placed = await placement(portolan, id);
    for (const level of [{}, { serviceDeploymentId: placed.id }]) {
      const present = await attachment(portolan, id, file.id, level);
      const answer = await attach(id, { configFileId: file.id, targetPath: '/other', ...level });
      expect([answer.status, answer.body.field]).toEqual([409, 'configFileId']);
      expect(answer.body.details).toEqual({ conflictsWith: { type: 'service_file', id: present.id } });
    }
  });

  test('targetPath: it is taken at this level', async () => {
    const { id, file } = await both();
    const placed = await placement(portolan, id);
    const another = await configFile(portolan, envId);
    for (const level of [{}, { serviceDeploymentId: placed.id }]) {
      const present = await attachment(portolan, id, file.id, { targetPath: '/taken', ...level });
      const answer = await attach(id, { configFileId: another.id, targetPath: '/taken', ...level });
      expect([answer.status, answer.body.field]).toEqual([409, 'targetPath']);
      expect(answer.body.details).toEqual({ conflictsWith: { type: 'service_file', id: present.id } });
      expect((await attach(id, { configFileId: another.id, targetPath: '/Taken', ...level })).status).toBe(201);
    }
  });

  test('targetPath: another way to write one that is taken', async () => {
    const { id, file } = await both();
    const another = await configFile(portolan, envId);
    const placed = await placement(portolan, id);
    await attachment(portolan, id, file.id, { targetPath: '/etc//shop/x' });
    for (const targetPath of ['/etc/shop/x', '/etc/./shop//x', '//etc/shop/x']) {
      const answer = await attach(id, { configFileId: another.id, targetPath });
      expect([answer.status, answer.body.field]).toEqual([409, 'targetPath']);
    }
    await attachment(portolan, id, another.id, { targetPath: '/etc/shop/./x', serviceDeploymentId: placed.id });
    expect((await portolan.call('getConfigFile', { path: { id: file.id } })).body.configFile.syncCounts.total).toBe(0);
    const { body } = await portolan.call('previewServiceDeployment', { path: { id, depId: placed.id } });
    expect(body.configFiles.map(({ targetPath }: any) => targetPath)).toEqual(['/etc/shop/./x']);
  });

  test('of two at once, for one', async () => {
    const { id, file } = await both();
    const body = { configFileId: file.id, targetPath: '/a' };
    const statuses = (await Promise.all([attach(id, body), attach(id, body), attach(id, body)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409, 409]);
    expect(await countOf(id)).toBe(1);
  });
});

test('a body that is no JSON, none at all, too long, and with a read-only member', async () => {
  const { id, file } = await both();
  const raw = (body: string, type = 'application/json') => attach(id, body as never, { headers: { 'content-type': type } });
  expect((await raw('{')).status).toBe(400);
  expect((await raw('a', 'text/plain')).status).toBe(415);
  expect((await raw(`{"targetPath":"${'x'.repeat(1024 * 1024)}"}`)).status).toBe(413);
  const answer = await attach(id, { configFileId: file.id, targetPath: '/a', syncStatus: 'synced' });
  expect([answer.status, answer.body.field]).toEqual([422, 'syncStatus']);
});
