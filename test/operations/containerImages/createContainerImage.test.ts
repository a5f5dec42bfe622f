import { containerImage, registry } from '../../support/catalogue';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const create = (members: object = {}, more: object = {}) =>
  portolan.call('createContainerImage', {
    path: { envId },
    body: { name: unique('image'), imageName: `ghcr.io/acme/${unique('repository')}`, ...members },
    ...more,
  });
const inEnvironment = (id: string) => ({ path: { envId: id } });

describe('201', () => {
  test('with the two members that are needed, the others have their defaults', async () => {
    const answer = await create({ name: 'Shop', imageName: 'ghcr.io/acme/shop' });
    expect(answer.status).toBe(201);
    expect(answer.body.image).toMatchObject({
      environmentId: envId,
      name: 'Shop',
      imageName: 'ghcr.io/acme/shop',
      tagFilter: 'latest',
      registryConnectionId: null,
      autoUpdate: false,
      repository: 'ghcr.io/acme/shop',
      registryLink: 'none',
      registryConnection: null,
      currentTag: null,
      latestTag: null,
      updateAvailable: false,
      deployedDigestId: null,
      lastCheckedAt: null,
      lastCheckError: null,
      latestDigest: null,
      lastDeployedAt: null,
      services: [],
      serviceCount: 0,
    });
  });

  test('with every member that can be changed later', async () => {
    const connection = await registry(portolan, envId);
    const members = { tagFilter: 'semver:^2, edge', registryConnectionId: connection.id, autoUpdate: true };
    const { image } = (await create(members)).body;
    expect(image).toMatchObject({ ...members, registryLink: 'explicit' });
    expect(image.registryConnection).toEqual({
      id: connection.id,
      name: connection.name,
      type: 'generic',
      registryUrl: 'ghcr.io',
      repositoryPrefix: null,
      username: null,
      isDefault: false,
    });
  });

  test.each([
    ['nginx', 'docker.io/library/nginx'],
    ['acme/shop', 'docker.io/acme/shop'],
    ['index.docker.io/acme/other', 'docker.io/acme/other'],
    ['localhost:5000/a/b', 'localhost:5000/a/b'],
    ['127.0.0.1:3955/acme/api', '127.0.0.1:3955/acme/api'],
  ])('%s is kept as given and read as %s', async (imageName, repository) => {
    const { image } = (await create({ imageName }, inEnvironment(await environment(portolan)))).body;
    expect(image).toMatchObject({ imageName, repository, registryConnectionId: null });
  });

  test('a name without host takes host and prefix of the connection that it is linked to', async () => {
    const connection = await registry(portolan, envId, { registryUrl: 'https://harbor.example.com', repositoryPrefix: 'team' });
    const { image } = (await create({ imageName: 'shop', registryConnectionId: connection.id })).body;
    expect(image).toMatchObject({ imageName: 'shop', repository: 'harbor.example.com/team/shop', registryLink: 'explicit' });
  });

  test('a link to a connection of another host is shown as the reason why the image is not read', async () => {
    const connection = await registry(portolan, envId, { registryUrl: 'quay.io' });
    const { image } = (await create({ registryConnectionId: connection.id })).body;
    expect(image.lastCheckError).toMatchObject({ reason: 'host_mismatch', message: expect.stringContaining(connection.name) });
  });

  test.each([null, ''])('registryConnectionId %j is no link', async (registryConnectionId) => {
    expect((await create({ registryConnectionId })).body.image.registryConnectionId).toBeNull();
  });

  test('Location and ETag are those of the image', async () => {
    const made = await create();
    const read = await portolan.send('GET', String(made.headers.location));
    expect(read.body).toEqual(made.body);
    expect(made.headers.etag).toMatch(/^"1\./);
    expect(read.headers.etag).toBe(made.headers.etag);
  });

  test('one audit row', async () => {
    const { id, name } = (await create({ autoUpdate: true })).body.image;
    const rows = await portolan.sql('select * from audit_logs where resource_id = $1', [id]);
    expect(rows).toMatchObject([
      { action: 'create', operation_id: 'createContainerImage', resource_type: 'container_image', resource_name: name },
    ]);
    expect(rows[0].details.changed).toEqual(['name', 'imageName', 'autoUpdate']);
  });

  test('an Idempotency-Key creates one image', async () => {
    const headers = { 'idempotency-key': unique('key') };
    const body = { name: unique('once'), imageName: unique('once') };
    const first = await create(body, { headers });
    const again = await create(body, { headers });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([201, 'true']);
    expect(again.text).toBe(first.text);
  });
});

describe('400', () => {
  test.each([
    ['name', 'required', { name: undefined }],
    ['imageName', 'required', { imageName: undefined }],
    ['name', 'minLength', { name: '' }],
    ['name', 'maxLength', { name: 'x'.repeat(256) }],
    ['name', 'pattern', { name: 'a\nb' }],
    ['imageName', 'minLength', { imageName: '' }],
    ['imageName', 'maxLength', { imageName: 'x'.repeat(513) }],
    ['imageName', 'pattern', { imageName: 'nginx:1.25' }],
    ['imageName', 'pattern', { imageName: `nginx@sha256:${'0'.repeat(64)}` }],
    ['imageName', 'pattern', { imageName: 'https://ghcr.io/acme/shop' }],
    ['imageName', 'pattern', { imageName: 'Acme/Shop' }],
    ['imageName', 'pattern', { imageName: 'a//b' }],
    ['tagFilter', 'minLength', { tagFilter: '' }],
    ['tagFilter', 'maxLength', { tagFilter: 'x'.repeat(1025) }],
    ['tagFilter', 'pattern', { tagFilter: 'semver:^x.y' }],
    ['autoUpdate', 'type', { autoUpdate: 'true' }],
    ['registryConnectionId', 'unknown_reference', { registryConnectionId: 'example' }],
    ['registryConnectionId', 'unknown_reference', { registryConnectionId: '01920000-0000-7000-8000-000000000000' }],
    ['tag', 'unknown_member', { tag: 'latest' }],
  ])('%s: %s', async (field, code, members) => {
    const answer = await create(members);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'VALIDATION_ERROR', field });
    expect(answer.body.details[0].code).toBe(code);
  });

  test('a tag in the name is answered with the place where it belongs', async () => {
    const answer = await create({ imageName: 'nginx:1.25' });
    expect(answer.body.hint).toContain('tagFilter');
  });

  test('each bad pattern of a filter is told, and in the order of the document', async () => {
    const body = { tagFilter: 'a b, latest, semver:', imageName: 'nginx:1', name: 'x' };
    const answer = await create({}, { body });
    expect(answer.body.details.map((issue: { field: string }) => issue.field)).toEqual(['tagFilter', 'tagFilter', 'imageName']);
  });

  test.each([
    ['a blank', 'Team X'],
    ['5000 characters', 'x'.repeat(5000)],
  ])('a connection whose prefix has %s and so makes no repository', async (_, repositoryPrefix) => {
    const { id } = await registry(portolan, envId, { repositoryPrefix });
    const answer = await create({ imageName: unique('shop'), registryConnectionId: id });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([
      400,
      'registryConnectionId',
      'inconsistent',
    ]);
    expect((await create({ registryConnectionId: id })).status).toBe(201);
  });

  test('a connection of another environment, which a limited token cannot tell from none', async () => {
    const foreign = await registry(portolan, await environment(portolan));
    const answer = await create({ registryConnectionId: foreign.id });
    expect([answer.status, answer.body.details[0].code]).toEqual([400, 'wrong_environment']);
    const own = await token(portolan, { environments: [envId], role: 'operator' });
    const limited = await create({ registryConnectionId: foreign.id }, { token: own.token });
    expect([limited.status, limited.body.details[0].code]).toEqual([400, 'unknown_reference']);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('the environment %s', async (id) => {
    expect((await create({ name: '' }, inEnvironment(id))).status).toBe(404);
  });

  test('an environment outside a token’s', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await create({}, { token: other.token })).status).toBe(404);
  });
});

describe('409', () => {
  test.each([
    ['nginx', 'nginx'],
    ['nginx', 'docker.io/library/nginx'],
    ['hub.docker.com/acme/shop', 'acme/shop'],
    ['GHCR.io/acme/shop', 'ghcr.io/acme/shop'],
  ])('when %s is followed, %s is too', async (first, second) => {
    const own = await environment(portolan);
    const taken = await containerImage(portolan, own, { imageName: first });
    const answer = await create({ imageName: second }, inEnvironment(own));
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([409, 'CONFLICT', 'imageName']);
    expect(answer.body.details.conflictsWith).toEqual({ type: 'container_image', id: taken.id });
  });

  test('not in another environment, nor when the image is deleted', async () => {
    const taken = await containerImage(portolan, envId);
    const imageName = taken.imageName;
    expect((await create({ imageName }, inEnvironment(await environment(portolan)))).status).toBe(201);
    await portolan.call('deleteContainerImage', { path: { id: taken.id } });
    expect((await create({ imageName })).status).toBe(201);
  });

  test('two at once: one is created, the other one is told', async () => {
    const imageName = unique('race');
    const answers = await Promise.all([create({ imageName }), create({ imageName: `docker.io/library/${imageName}` })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.field).toBe('imageName');
  });
});

describe('422', () => {
  test.each(['repository', 'latestTag', 'updateAvailable', 'services', 'id'])('%s is read-only', async (member) => {
    const answer = await create({ [member]: null });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'READONLY_FIELD', member]);
  });
});
