import { containerImage, service, serviceType } from '../../support/catalogue';
import { environment, token, unique } from '../../support/fixtures';
import { beyondAnyKey, namingKeys } from '../../support/keysInText';
import { type Portolan, startPortolan } from '../../support/portolan';
import { keysNamedBy } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const create = (members: object = {}, inEnvironment = envId) => service(portolan, inEnvironment, members);
const read = async (id: string) => (await portolan.call('getService', { path: { id } })).body.service;
const update = (id: string, body: unknown, more: object = {}) => portolan.call('updateService', { path: { id }, body, ...more });
const audited = (id: string) =>
  portolan.sql("select * from audit_logs where resource_id = $1 and action = 'update' order by id", [id]);

describe('200', () => {
  test('what is too long to be a key is text', async () => {
    const { id } = await create();
    const answer = await update(id, { composeTemplate: beyondAnyKey(), baseEnv: { A: beyondAnyKey() } });
    expect(answer.status).toBe(200);
  });

  test('the seed page’s body succeeds with real ids', async () => {
    const { id } = await create();
    const image = await containerImage(portolan, envId);
    const serviceTypeId = await serviceType(portolan, { shell: 'python manage.py shell' });
    const body = {
      name: 'example',
      containerImageId: image.id,
      imageTag: 'example',
      composeTemplate: 'example',
      healthCheckUrl: 'example',
      baseEnv: { additionalProperty: 'example' },
      deployStrategy: 'sequential',
      serviceTypeId,
      healthWaitMs: 1,
      healthRetries: 1,
      healthIntervalMs: 1,
    };
    const answer = await update(id, body);
    expect(answer.status).toBe(200);
    expect(answer.body.service).toMatchObject(body);
    expect(answer.body.service.containerImage.id).toBe(image.id);
    expect(answer.body.service.serviceType.commands).toMatchObject([{ name: 'shell', command: 'python manage.py shell' }]);
    expect(answer.headers.etag).toMatch(/^"2\./);
    expect(await read(id)).toEqual(answer.body.service);
  });

  test.each(['composeTemplate', 'healthCheckUrl'])('%s: absent keeps, null and "" clear, a value sets', async (member) => {
    const { id } = await create({ [member]: 'first' });
    expect((await update(id, { name: unique('renamed') })).body.service[member]).toBe('first');
    expect((await update(id, { [member]: null })).body.service[member]).toBeNull();
    expect((await update(id, { [member]: 'second' })).body.service[member]).toBe('second');
    expect((await update(id, { [member]: '' })).body.service[member]).toBeNull();
  });

  test('serviceTypeId: absent keeps, null and "" clear, a value sets, and the type comes and goes with it', async () => {
    const first = await serviceType(portolan);
    const { id } = await create({ serviceTypeId: first });
    expect((await update(id, { name: unique('renamed') })).body.service.serviceType.id).toBe(first);
    expect((await update(id, { serviceTypeId: null })).body.service).toMatchObject({ serviceTypeId: null, serviceType: null });
    const second = await serviceType(portolan);
    expect((await update(id, { serviceTypeId: second })).body.service.serviceType.id).toBe(second);
    expect((await update(id, { serviceTypeId: '' })).body.service).toMatchObject({ serviceTypeId: null, serviceType: null });
  });

  test('baseEnv: absent keeps, null and {} clear, a map replaces the whole old one', async () => {
    const { id } = await create({ baseEnv: { A: '1', B: '2' } });
    expect((await update(id, { name: unique('renamed') })).body.service.baseEnv).toEqual({ A: '1', B: '2' });
    expect((await update(id, { baseEnv: null })).body.service.baseEnv).toEqual({});
    expect((await update(id, { baseEnv: { _C: '' } })).body.service.baseEnv).toEqual({ _C: '' });
    expect((await update(id, { baseEnv: { D: 'x'.repeat(32 * 1024) } })).body.service.baseEnv.D).toHaveLength(32 * 1024);
    expect((await update(id, { baseEnv: {} })).body.service.baseEnv).toEqual({});
  });

  test.each([
    ['name', 'another name'],
    ['imageTag', '2.4.0'],
    ['deployStrategy', 'parallel'],
    ['healthWaitMs', 0],
    ['healthWaitMs', 3_600_000],
    ['healthRetries', 1000],
    ['healthIntervalMs', 0],
    ['healthIntervalMs', 600_000],
  ])('%s: absent keeps, null is refused, %s is set', async (member, value) => {
    const before = await create();
    expect((await update(before.id, { composeTemplate: 'x' })).body.service[member]).toEqual(before[member]);
    const refused = await update(before.id, { [member]: null });
    expect([refused.status, refused.body.field]).toEqual([400, member]);
    expect((await update(before.id, { [member]: value })).body.service[member]).toEqual(value);
  });

  test('containerImageId: absent keeps, null and "" are refused, a value sets, and the image comes with it', async () => {
    const before = await create();
    const other = await containerImage(portolan, envId);
    expect((await update(before.id, { healthRetries: 9 })).body.service.containerImage.id).toBe(before.containerImageId);
    for (const nothing of [null, '']) {
      const refused = await update(before.id, { containerImageId: nothing });
      expect([refused.status, refused.body.field]).toEqual([400, 'containerImageId']);
    }
    const answer = await update(before.id, { containerImageId: other.id });
    expect(answer.body.service).toMatchObject({ containerImageId: other.id, containerImage: { id: other.id, name: other.name } });
  });

  test.each(['', ' ', 'not a tag', '-x', 'a:b', 'ü', 'x'.repeat(129)])(
    'the tag %j is stored, with a warning',
    async (imageTag) => {
      const { id } = await create();
      const { service: saved } = (await update(id, { imageTag })).body;
      expect(saved.imageTag).toBe(imageTag);
      expect(saved.warnings).toEqual([{ code: 'invalid_image_tag', message: expect.stringContaining('no valid tag') }]);
      expect((await update(id, { imageTag: 'v1.2.3' })).body.service.warnings).toEqual([]);
    },
  );

  test.each([
    'http://127.0.0.1:8080/health',
    'HTTPS://example.com',
    'localhost:8080/health?x=1',
    'example',
    '[::1]:80',
    'http://$HOST/health',
  ])('the health check URL %s comes back as it was given', async (healthCheckUrl) => {
    const { id } = await create();
    expect((await update(id, { healthCheckUrl })).body.service.healthCheckUrl).toBe(healthCheckUrl);
  });

  test('text comes back byte for byte', async () => {
    const { id } = await create();
    const body = { name: ' Schön 🚀 ', composeTemplate: ' a:\r\n\tb "\\" \u2028 ', baseEnv: { KEY: ' ü\n"$x" ' } };
    expect((await update(id, body)).body.service).toMatchObject(body);
    expect(await read(id)).toMatchObject(body);
  });

  test('members that placements fill are null and empty while there is none', async () => {
    const { id } = await create();
    const { service: saved } = (await update(id, { healthRetries: 7 })).body;
    for (const member of [
      'currentDropletId',
      'currentDroplet',
      'containerName',
      'composePath',
      'status',
      'containerStatus',
      'healthStatus',
      'exposedPorts',
      'discoveryStatus',
      'lastCheckedAt',
      'lastDiscoveredAt',
      'serverId',
      'server',
    ]) {
      expect([member, saved[member]]).toEqual([member, null]);
    }
    expect(saved.serviceDeployments).toEqual([]);
    expect(saved.summary).toEqual({ placements: 0, running: 0, healthy: 0, unhealthy: 0, missing: 0 });
    expect(saved).toMatchObject({ desiredState: 'started', drifted: false, updateAvailable: false });
  });

  test('a patch that changes nothing leaves version, time and history alone, whatever the order of variables', async () => {
    const before = await create({ baseEnv: { LONGER: '1', A: '2' } });
    const answer = await update(before.id, { name: before.name, baseEnv: { A: '2', LONGER: '1' }, healthRetries: 3 });
    expect(answer.status).toBe(200);
    expect(answer.headers.etag).toMatch(/^"1\./);
    expect(answer.body.service.updatedAt).toBe(before.updatedAt);
    expect(await audited(before.id)).toEqual([]);
  });

  test('the audit row names what changed: variables by key, long texts by name only', async () => {
    const { id, name } = await create({ baseEnv: { OLD: 'canary-0' } });
    await update(id, {
      imageTag: '2.4.0',
      baseEnv: { NEW: 'canary-1', OTHER: 'canary-2' },
      composeTemplate: 'canary-3',
      healthCheckUrl: 'http://user:canary-4@host/',
    });
    const [row] = await audited(id);
    expect(row).toMatchObject({
      operation_id: 'updateService',
      resource_type: 'service',
      resource_name: name,
      environment_id: envId,
    });
    expect(row.details).toEqual({
      changed: ['imageTag', 'composeTemplate', 'healthCheckUrl', 'baseEnv'],
      before: { imageTag: 'latest', baseEnv: ['OLD'] },
      after: { imageTag: '2.4.0', baseEnv: ['NEW', 'OTHER'] },
    });
    expect(JSON.stringify(row)).not.toContain('canary');
  });

  test('an Idempotency-Key is acted on once', async () => {
    const { id } = await create();
    const headers = { 'idempotency-key': unique('key') };
    const first = await update(id, { imageTag: '1' }, { headers });
    await update(id, { imageTag: '2' });
    const again = await update(id, { imageTag: '1' }, { headers });
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.text).toBe(first.text);
    expect((await read(id)).imageTag).toBe('2');
  });

  test('the keys that it names follow its variables and its template', async () => {
    const { id } = await create({ baseEnv: { A: '${A_KEY}' }, composeTemplate: '${T_KEY}' });
    const keys = async (body: object) => {
      await update(id, body);
      return (await keysNamedBy(portolan, id)).service;
    };
    expect(await keys({ healthRetries: 7 })).toEqual(['A_KEY', 'T_KEY']);
    expect(await keys({ baseEnv: { A: '${B_KEY}${T_KEY}' } })).toEqual(['B_KEY', 'T_KEY']);
    expect(await keys({ composeTemplate: null })).toEqual(['B_KEY', 'T_KEY']);
    expect(await keys({ baseEnv: null })).toEqual([]);
  });
});

describe('400', () => {
  test.each([
    ['composeTemplate', 'maxItems', { composeTemplate: namingKeys(10_001) }],
    [
      'baseEnv',
      'maxItems',
      {
        baseEnv: {
          A: namingKeys(3000),
          B: namingKeys(3000).replaceAll('K', 'L'),
          C: namingKeys(3000).replaceAll('K', 'M'),
          D: namingKeys(3000).replaceAll('K', 'N'),
        },
      },
    ],
    ['name', 'minLength', { name: '' }],
    ['name', 'maxLength', { name: 'x'.repeat(256) }],
    ['name', 'pattern', { name: 'a\tb' }],
    ['imageTag', 'type', { imageTag: 1 }],
    ['composeTemplate', 'maxLength', { composeTemplate: 'x'.repeat(256 * 1024 + 1) }],
    ['composeTemplate', 'maxLength', { composeTemplate: 'ü'.repeat(128 * 1024 + 1) }],
    ['healthCheckUrl', 'format', { healthCheckUrl: 'ftp://example.com' }],
    ['healthCheckUrl', 'format', { healthCheckUrl: 'http://' }],
    ['healthCheckUrl', 'format', { healthCheckUrl: 'no url' }],
    ['baseEnv["MY KEY"]', 'pattern', { baseEnv: { 'MY KEY': 'x' } }],
    ['baseEnv["1A"]', 'pattern', { baseEnv: { '1A': 'x' } }],
    ['baseEnv.A', 'type', { baseEnv: { A: 1 } }],
    ['baseEnv.A', 'type', { baseEnv: { A: null } }],
    ['baseEnv.A', 'maxLength', { baseEnv: { A: 'x'.repeat(32 * 1024 + 1) } }],
    ['baseEnv.A', 'maxLength', { baseEnv: { A: 'ü'.repeat(16 * 1024 + 1) } }],
    ['baseEnv', 'maxItems', { baseEnv: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`K${i}`, ''])) }],
    ['baseEnv', 'type', { baseEnv: [] }],
    ['deployStrategy', 'enum', { deployStrategy: 'canary' }],
    ['healthWaitMs', 'minimum', { healthWaitMs: -1 }],
    ['healthWaitMs', 'maximum', { healthWaitMs: 3_600_001 }],
    ['healthRetries', 'minimum', { healthRetries: 0 }],
    ['healthRetries', 'maximum', { healthRetries: 1001 }],
    ['healthRetries', 'type', { healthRetries: 7.5 }],
    ['healthRetries', 'type', { healthRetries: '7' }],
    ['healthIntervalMs', 'minimum', { healthIntervalMs: -1 }],
    ['healthIntervalMs', 'maximum', { healthIntervalMs: 600_001 }],
    ['containerImageId', 'unknown_reference', { containerImageId: 'example' }],
    ['containerImageId', 'unknown_reference', { containerImageId: '01920000-0000-7000-8000-000000000000' }],
    ['serviceTypeId', 'unknown_reference', { serviceTypeId: 'example' }],
    ['serviceTypeId', 'unknown_reference', { serviceTypeId: '01920000-0000-7000-8000-000000000000' }],
  ])('%s: %s', async (field, code, body) => {
    const before = await create();
    const answer = await update(before.id, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'VALIDATION_ERROR', field });
    expect(answer.body.details[0].code).toBe(code);
    expect(await read(before.id)).toEqual(before);
  });

  test('an image of another environment, which a limited token cannot tell from none', async () => {
    const { id } = await create();
    const foreign = await containerImage(portolan, await environment(portolan));
    const answer = await update(id, { containerImageId: foreign.id });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([
      400,
      'containerImageId',
      'wrong_environment',
    ]);
    const own = await token(portolan, { environments: [envId], role: 'operator' });
    const limited = await update(id, { containerImageId: foreign.id }, { token: own.token });
    expect([limited.status, limited.body.details[0].code]).toEqual([400, 'unknown_reference']);
  });

  test('problems are told in the order of the document', async () => {
    const { id } = await create();
    const answer = await update(id, { serviceTypeId: 'x', containerImageId: 'y', healthCheckUrl: 'ftp://z' });
    expect(answer.body.details.map((issue: { field: string }) => issue.field)).toEqual([
      'serviceTypeId',
      'containerImageId',
      'healthCheckUrl',
    ]);
  });

  test('an unknown member is answered with the nearest known one', async () => {
    const { id } = await create();
    const answer = await update(id, { healthRetires: 3 });
    expect([answer.status, answer.body.hint]).toEqual([400, 'Did you mean healthRetries?']);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s, also with a bad body', async (id) => {
    const answer = await update(id, { name: '' });
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
  });

  test('a service of another environment is hidden from a limited token', async () => {
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
    expect(answer.body.details.conflictsWith).toEqual({ type: 'service', id: taken.id });
  });

  test('not when another environment has the name, or one that differs by case', async () => {
    const elsewhere = await create({}, await environment(portolan));
    const here = await create();
    const { id } = await create();
    expect((await update(id, { name: elsewhere.name })).status).toBe(200);
    expect((await update(id, { name: here.name.toUpperCase() })).status).toBe(200);
  });
});

describe('412', () => {
  test('when If-Match names another version; background changes do not count', async () => {
    const { id } = await create();
    const first = await portolan.call('getService', { path: { id } });
    const headers = { 'if-match': String(first.headers.etag) };
    await portolan.sql('update services set update_available = true where id = $1', [id]);
    expect((await update(id, { imageTag: '1' }, { headers })).status).toBe(200);
    const stale = await update(id, { imageTag: '2' }, { headers });
    const now = await portolan.call('getService', { path: { id } });
    expect([stale.status, stale.body.details.currentEtag]).toEqual([412, now.headers.etag]);
    expect((await update(id, { imageTag: '2' }, { headers: { 'if-match': '*' } })).status).toBe(200);
  });
});

describe('422', () => {
  test('exposedPorts, as on the seed page', async () => {
    const { id } = await create();
    const answer = await update(id, { exposedPorts: [] });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      code: 'READONLY_FIELD',
      message: 'Field "exposedPorts" is read-only and cannot be set via PATCH.',
      field: 'exposedPorts',
      hint: 'Exposed ports are discovered from the running container. Change the ports mapping in the compose file at composePath and redeploy.',
    });
  });

  test('every member that only Portolan sets, and nothing is applied', async () => {
    const before = await create();
    const writable = [
      'name',
      'containerImageId',
      'imageTag',
      'composeTemplate',
      'healthCheckUrl',
      'baseEnv',
      'deployStrategy',
      'serviceTypeId',
      'healthWaitMs',
      'healthRetries',
      'healthIntervalMs',
    ];
    for (const member of Object.keys(before).filter((name) => !writable.includes(name))) {
      const answer = await update(before.id, { imageTag: '9', [member]: null });
      expect([member, answer.status, answer.body.field]).toEqual([member, 422, member]);
      expect(answer.body.hint).toBeTruthy();
    }
    expect(await read(before.id)).toEqual(before);
  });
});
