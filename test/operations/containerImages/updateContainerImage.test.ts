import { containerImage, registry, service } from '../../support/catalogue';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const create = (members: object = {}, inEnvironment = envId) => containerImage(portolan, inEnvironment, members);
const read = async (id: string) => (await portolan.call('getContainerImage', { path: { id } })).body.image;
const update = (id: string, body: unknown, more: object = {}) =>
  portolan.call('updateContainerImage', { path: { id }, body, ...more });

describe('200', () => {
  test('the seed page’s body succeeds with a real id', async () => {
    const { id } = await create();
    const connection = await registry(portolan, envId);
    const body = { name: 'example', tagFilter: 'example', registryConnectionId: connection.id, autoUpdate: true };
    const answer = await update(id, body);
    expect(answer.status).toBe(200);
    expect(answer.body.image).toMatchObject({ ...body, registryLink: 'explicit', registryConnection: { id: connection.id } });
    expect(answer.headers.etag).toMatch(/^"2\./);
    expect(await read(id)).toEqual(answer.body.image);
  });

  test.each([
    ['name', 'another name'],
    ['tagFilter', 'semver:^1.2@alpine*, 1.*'],
    ['autoUpdate', true],
  ])('%s: absent keeps, null is refused, %s is set', async (member, value) => {
    const before = await create();
    const other = member === 'name' ? { autoUpdate: true } : { name: unique('renamed') };
    expect((await update(before.id, other)).body.image[member]).toEqual(before[member]);
    const refused = await update(before.id, { [member]: null });
    expect([refused.status, refused.body.field]).toEqual([400, member]);
    expect((await update(before.id, { [member]: value })).body.image[member]).toEqual(value);
  });

  test('registryConnectionId: absent keeps, null and "" clear, a value sets', async () => {
    const own = await environment(portolan);
    const [first, second] = [await registry(portolan, own), await registry(portolan, own)];
    const { id } = await create({ registryConnectionId: first.id }, own);
    expect((await update(id, { name: unique('renamed') })).body.image.registryConnectionId).toBe(first.id);
    expect((await update(id, { registryConnectionId: null })).body.image).toMatchObject({
      registryConnectionId: null,
      registryLink: 'host',
    });
    expect((await update(id, { registryConnectionId: second.id })).body.image).toMatchObject({
      registryConnectionId: second.id,
      registryLink: 'explicit',
    });
    expect((await update(id, { registryConnectionId: '' })).body.image.registryConnectionId).toBeNull();
  });

  test('names need not differ', async () => {
    const other = await create();
    const { id } = await create();
    expect((await update(id, { name: other.name })).status).toBe(200);
  });

  test('a link completes a name without host, and its end makes it a name of Docker Hub again', async () => {
    const connection = await registry(portolan, envId, { registryUrl: 'harbor.example.com', repositoryPrefix: 'team' });
    const imageName = unique('shop');
    const { id } = await create({ imageName });
    expect((await update(id, { registryConnectionId: connection.id })).body.image.repository).toBe(
      `harbor.example.com/team/${imageName}`,
    );
    // The Docker Hub name is free while the image is another one.
    const second = await create({ imageName: `library/${imageName}` });
    const answer = await update(id, { registryConnectionId: null });
    expect([answer.status, answer.body.field]).toEqual([409, 'registryConnectionId']);
    await portolan.call('deleteContainerImage', { path: { id: second.id } });
    expect((await update(id, { registryConnectionId: null })).body.image.repository).toBe(`docker.io/library/${imageName}`);
  });

  test('services and what was found in the registry stay', async () => {
    const { id } = await create();
    const used = await service(portolan, envId, { containerImageId: id });
    await portolan.sql("update container_images set latest_tag = '3', last_checked_at = '2026-03-01' where id = $1", [id]);
    const { image } = (await update(id, { autoUpdate: true })).body;
    expect(image).toMatchObject({ latestTag: '3', lastCheckedAt: '2026-03-01T00:00:00.000Z', serviceCount: 1 });
    expect(image.services).toEqual([{ id: used.id, name: used.name, imageTag: 'latest' }]);
  });

  test('text comes back byte for byte', async () => {
    const { id } = await create();
    const body = { name: ' Schön 🚀 ', tagFilter: ' latest ,1.* ' };
    expect((await update(id, body)).body.image).toMatchObject(body);
  });

  test('a patch that changes nothing leaves version, time and history alone', async () => {
    const before = await create();
    const answer = await update(before.id, { name: before.name, registryConnectionId: null, tagFilter: 'latest' });
    expect(answer.status).toBe(200);
    expect(answer.headers.etag).toMatch(/^"1\./);
    expect(answer.body.image.updatedAt).toBe(before.updatedAt);
    const rows = await portolan.sql('select action from audit_logs where resource_id = $1', [before.id]);
    expect(rows).toEqual([{ action: 'create' }]);
  });

  test('the audit row tells old and new values', async () => {
    const { id, name } = await create();
    await update(id, { name: 'new name', autoUpdate: true });
    const [row] = await portolan.sql("select * from audit_logs where resource_id = $1 and action = 'update'", [id]);
    expect(row).toMatchObject({ operation_id: 'updateContainerImage', resource_name: 'new name', environment_id: envId });
    expect(row.details).toEqual({
      changed: ['name', 'autoUpdate'],
      before: { name, autoUpdate: false },
      after: { name: 'new name', autoUpdate: true },
    });
  });

  test('an Idempotency-Key is acted on once', async () => {
    const { id } = await create();
    const headers = { 'idempotency-key': unique('key') };
    const first = await update(id, { tagFilter: '1' }, { headers });
    await update(id, { tagFilter: '2' });
    const again = await update(id, { tagFilter: '1' }, { headers });
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.text).toBe(first.text);
    expect((await read(id)).tagFilter).toBe('2');
  });
});

describe('400', () => {
  test.each([
    ['name', 'minLength', { name: '' }],
    ['name', 'maxLength', { name: 'x'.repeat(256) }],
    ['name', 'pattern', { name: 'a\u007fb' }],
    ['tagFilter', 'minLength', { tagFilter: '' }],
    ['tagFilter', 'maxLength', { tagFilter: 'x'.repeat(1025) }],
    ['tagFilter', 'pattern', { tagFilter: 'latest,' }],
    ['tagFilter', 'pattern', { tagFilter: '^1.2' }],
    ['tagFilter', 'pattern', { tagFilter: Array.from({ length: 51 }, (_, i) => `t${i}`).join(',') }],
    ['autoUpdate', 'type', { autoUpdate: 1 }],
    ['registryConnectionId', 'unknown_reference', { registryConnectionId: 'example' }],
    ['registryConnectionId', 'unknown_reference', { registryConnectionId: '01920000-0000-7000-8000-000000000000' }],
  ])('%s: %s', async (field, code, body) => {
    const before = await create();
    const answer = await update(before.id, { ...body, ...(field === 'name' ? {} : { name: 'not applied' }) });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'VALIDATION_ERROR', field });
    expect(answer.body.details[0].code).toBe(code);
    expect(await read(before.id)).toEqual(before);
  });

  test('a connection whose prefix makes no repository', async () => {
    const connection = await registry(portolan, envId, { repositoryPrefix: 'x'.repeat(5000) });
    const { id } = await create({ imageName: unique('shop') });
    const answer = await update(id, { registryConnectionId: connection.id });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([
      400,
      'registryConnectionId',
      'inconsistent',
    ]);
  });

  test('a connection of another environment', async () => {
    const { id } = await create();
    const foreign = await registry(portolan, await environment(portolan));
    const answer = await update(id, { registryConnectionId: foreign.id });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([
      400,
      'registryConnectionId',
      'wrong_environment',
    ]);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s, also with a bad body', async (id) => {
    const answer = await update(id, { name: '' });
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
  });

  test('an image of another environment is hidden from a limited token', async () => {
    const { id } = await create();
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await update(id, { name: '' }, { token: other.token })).status).toBe(404);
    const own = await token(portolan, { environments: [envId], role: 'operator' });
    expect((await update(id, { name: unique('own') }, { token: own.token })).status).toBe(200);
  });
});

describe('409', () => {
  test('when a new link makes two images the same', async () => {
    const connection = await registry(portolan, envId, { registryUrl: 'quay.io' });
    const name = unique('shop');
    const taken = await create({ imageName: `quay.io/${name}` });
    const { id } = await create({ imageName: name });
    const answer = await update(id, { registryConnectionId: connection.id });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([409, 'CONFLICT', 'registryConnectionId']);
    expect(answer.body.details.conflictsWith).toEqual({ type: 'container_image', id: taken.id });
    expect((await read(id)).registryConnectionId).toBeNull();
  });
});

describe('412', () => {
  test('when If-Match names another version; background changes do not count', async () => {
    const { id } = await create();
    const first = await portolan.call('getContainerImage', { path: { id } });
    const headers = { 'if-match': String(first.headers.etag) };
    await portolan.sql("update container_images set latest_tag = '9' where id = $1", [id]);
    expect((await update(id, { tagFilter: '1' }, { headers })).status).toBe(200);
    const stale = await update(id, { tagFilter: '2' }, { headers });
    const now = await portolan.call('getContainerImage', { path: { id } });
    expect([stale.status, stale.body.details.currentEtag]).toEqual([412, now.headers.etag]);
  });
});

describe('422', () => {
  test('every member that only Portolan sets, imageName included, and nothing is applied', async () => {
    const before = await create();
    const writable = ['name', 'tagFilter', 'registryConnectionId', 'autoUpdate'];
    for (const member of Object.keys(before).filter((name) => !writable.includes(name))) {
      const answer = await update(before.id, { tagFilter: '9', [member]: before[member] });
      expect([member, answer.status, answer.body.code, answer.body.field]).toEqual([member, 422, 'READONLY_FIELD', member]);
      expect(answer.body.hint).toBeTruthy();
    }
    expect(await read(before.id)).toEqual(before);
  });
});
