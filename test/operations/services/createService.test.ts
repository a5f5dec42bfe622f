import { containerImage, service, serviceType } from '../../support/catalogue';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { keysNamedBy } from '../../support/rows';

let portolan: Portolan;
let envId: string;
let imageId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  imageId = (await containerImage(portolan, envId)).id;
});
afterAll(() => portolan.close());

const create = (members: object = {}, more: object = {}) =>
  portolan.call('createService', {
    path: { envId },
    body: { name: unique('service'), containerImageId: imageId, ...members },
    ...more,
  });

describe('201', () => {
  test('with the two members that are needed, the others have their defaults', async () => {
    const answer = await create({ name: 'shop' });
    expect(answer.status).toBe(201);
    expect(answer.body.service).toMatchObject({
      environmentId: envId,
      name: 'shop',
      containerImageId: imageId,
      imageTag: 'latest',
      composeTemplate: null,
      healthCheckUrl: null,
      baseEnv: {},
      deployStrategy: 'sequential',
      serviceTypeId: null,
      healthWaitMs: 30_000,
      healthRetries: 3,
      healthIntervalMs: 5000,
      desiredState: 'started',
      warnings: [],
      containerImage: { id: imageId },
      serviceType: null,
    });
  });

  test('with every member that can be changed later', async () => {
    const members = {
      name: 'everything',
      imageTag: '2.4.0',
      composeTemplate: 'services: {}',
      healthCheckUrl: 'example',
      baseEnv: { LOG_LEVEL: 'info' },
      deployStrategy: 'parallel',
      serviceTypeId: await serviceType(portolan, { shell: 'bash' }),
      healthWaitMs: 1,
      healthRetries: 2,
      healthIntervalMs: 3,
    };
    const { service: made } = (await create(members)).body;
    expect(made).toMatchObject(members);
    expect(made.serviceType.commands).toHaveLength(1);
  });

  test('null and "" for nullable members mean null, and null for baseEnv the empty map', async () => {
    const { service: made } = (await create({ composeTemplate: '', healthCheckUrl: null, serviceTypeId: '', baseEnv: null }))
      .body;
    expect(made).toMatchObject({ composeTemplate: null, healthCheckUrl: null, serviceTypeId: null, baseEnv: {} });
  });

  test('Location and ETag are those of the service', async () => {
    const made = await create();
    const read = await portolan.send('GET', String(made.headers.location));
    expect(read.body).toEqual(made.body);
    expect(made.headers.etag).toMatch(/^"1\./);
    expect(read.headers.etag).toBe(made.headers.etag);
  });

  test('one audit row, with variables by key', async () => {
    const { id } = (await create({ baseEnv: { KEY: 'canary-1' } })).body.service;
    const rows = await portolan.sql('select * from audit_logs where resource_id = $1', [id]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ action: 'create', operation_id: 'createService', environment_id: envId });
    expect(rows[0].details).toMatchObject({
      changed: ['name', 'containerImageId', 'baseEnv'],
      after: { containerImageId: imageId, baseEnv: ['KEY'] },
    });
    expect(JSON.stringify(rows)).not.toContain('canary');
  });

  test('an Idempotency-Key creates one service', async () => {
    const headers = { 'idempotency-key': unique('key') };
    const body = { name: unique('once') };
    const first = await create(body, { headers });
    const again = await create(body, { headers });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([201, 'true']);
    expect(again.text).toBe(first.text);
    expect(again.headers.location).toBe(first.headers.location);
  });

  test('the keys that its variables and its template name are known', async () => {
    const members = {
      baseEnv: { A: '${B_KEY} ${A_KEY} $${NO}', C: '${A_KEY}' },
      composeTemplate: 'image: ${FULL_IMAGE} ${C_KEY} ${lower}',
    };
    const { id } = (await create(members)).body.service;
    expect((await keysNamedBy(portolan, id)).service).toEqual(['A_KEY', 'B_KEY', 'C_KEY']);
  });
});

describe('400', () => {
  test.each([
    ['name', 'required', { name: undefined }],
    ['containerImageId', 'required', { containerImageId: undefined }],
    ['name', 'minLength', { name: '' }],
    ['containerImageId', 'minLength', { containerImageId: '' }],
    ['containerImageId', 'unknown_reference', { containerImageId: 'example' }],
    ['serviceTypeId', 'unknown_reference', { serviceTypeId: 'example' }],
    ['healthRetries', 'minimum', { healthRetries: 0 }],
    ['baseEnv["MY KEY"]', 'pattern', { baseEnv: { 'MY KEY': 'x' } }],
    ['healthCheckUrl', 'format', { healthCheckUrl: 'ftp://x' }],
    ['ports', 'unknown_member', { ports: [] }],
  ])('%s: %s', async (field, code, members) => {
    const answer = await create(members);
    expect(answer.status).toBe(400);
    expect(answer.body.field).toBe(field);
    expect(answer.body.details[0].code).toBe(code);
  });

  test('an image of another environment', async () => {
    const foreign = await containerImage(portolan, await environment(portolan));
    const answer = await create({ containerImageId: foreign.id });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([
      400,
      'containerImageId',
      'wrong_environment',
    ]);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('the environment %s', async (id) => {
    expect((await create({ name: '' }, { path: { envId: id } })).status).toBe(404);
  });

  test('an environment outside a token’s', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await create({}, { token: other.token })).status).toBe(404);
  });
});

describe('409', () => {
  test('when the name is taken, and free again once that service is deleted', async () => {
    const taken = await service(portolan, envId);
    const answer = await create({ name: taken.name });
    expect([answer.status, answer.body.field]).toEqual([409, 'name']);
    expect(answer.body.details.conflictsWith).toEqual({ type: 'service', id: taken.id });
    await portolan.call('deleteService', { path: { id: taken.id } });
    expect((await create({ name: taken.name })).status).toBe(201);
  });

  test('two at once: one is created, the other one is told', async () => {
    const name = unique('race');
    const answers = await Promise.all([create({ name }), create({ name })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.field).toBe('name');
  });
});

describe('422', () => {
  test.each(['exposedPorts', 'status', 'currentDropletId', 'id', 'warnings'])('%s is read-only', async (member) => {
    const answer = await create({ [member]: null });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'READONLY_FIELD', member]);
    expect(answer.body.message).toContain('POST');
  });
});
