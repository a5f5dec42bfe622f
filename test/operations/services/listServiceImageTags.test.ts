import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { describeWithRegistry } from '../../support/registry/binary';
import { storeImages } from '../../support/registry/bulk';
import { startRegistry, type TestRegistry } from '../../support/registry/registry';
import { connectionTo, imageOf } from '../../support/registry/scene';
import { imageRow, registryRow, serviceRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const list = (id: string, query: Record<string, string | number> = {}, more: object = {}) =>
  portolan.call('listServiceImageTags', { path: { id }, query, ...more });
const tags = (answer: { body: any }) => answer.body.tags.map(({ tag }: { tag: string }) => tag);

describeWithRegistry('200', () => {
  let registry: TestRegistry;
  let serviceId: string;
  let digests: Map<string, string>;
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'token' });
    digests = storeImages(registry, 'acme/app', [
      { tags: ['1.9.0'], image: { label: 'a' } },
      { tags: ['1.10.0', '1.10', 'latest'], image: { label: 'b' } },
      { tags: ['2.0.0'], image: { label: 'c' } },
    ]);
    await connectionTo(portolan, envId, registry);
    const { id } = await imageOf(portolan, envId, registry, 'acme/app', { tagFilter: 'semver:^1' });
    serviceId = await serviceRow(portolan, envId, { container_image_id: id });
  });
  afterAll(() => registry.close());

  test('the eligible tags, newest first, with their digests', async () => {
    const answer = await list(serviceId);
    expect(tags(answer)).toEqual(['1.10.0', '1.10', '1.9.0']);
    expect(answer.body).toMatchObject({ total: 3, nextCursor: null, truncated: false });
    expect(answer.body.tags[0]).toEqual({ tag: '1.10.0', updatedAt: null, digest: digests.get('1.10.0') });
  });

  test('is paged, sorted and searched like any list', async () => {
    const first = await list(serviceId, { limit: 2 });
    const { nextCursor: cursor } = first.body;
    expect([...tags(first), ...tags(await list(serviceId, { limit: 2, cursor }))]).toEqual(['1.10.0', '1.10', '1.9.0']);
    expect(tags(await list(serviceId, { sort: 'tag' }))).toEqual(['1.10', '1.10.0', '1.9.0']);
    expect(tags(await list(serviceId, { q: '1.9' }))).toEqual(['1.9.0']);
  });
});

describe('409', () => {
  test('a service without an image', async () => {
    const answer = await list(await serviceRow(portolan, envId));
    expect([answer.status, answer.body.details]).toEqual([409, { state: 'no_image' }]);
  });
});

describe('502', () => {
  test('nobody listens', async () => {
    const container_image_id = await imageRow(portolan, envId, {
      image_name: '127.0.0.1:9/acme/app',
      repository: '127.0.0.1:9/acme/app',
      registry_connection_id: await registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9' }),
    });
    const answer = await list(await serviceRow(portolan, envId, { container_image_id }));
    expect([answer.status, answer.body.details.upstream.reason]).toEqual([502, 'connection_refused']);
  });
});

describe('403 and 404', () => {
  test('it is images that are read; a foreign token does not see the service', async () => {
    const id = await serviceRow(portolan, envId, { container_image_id: await imageRow(portolan, envId) });
    const services = await token(portolan, { scopes: ['services:read'] });
    expect((await list(id, {}, { token: services.token })).body.code).toBe('FORBIDDEN_SCOPE');
    const foreign = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list(id, {}, { token: foreign.token })).status).toBe(404);
  });
});
