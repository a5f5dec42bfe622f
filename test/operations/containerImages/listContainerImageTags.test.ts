import { environment, token } from '../../support/fixtures';
import { readToEnd } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';
import { describeWithRegistry } from '../../support/registry/binary';
import { storeImages } from '../../support/registry/bulk';
import { startRegistry, type TestRegistry } from '../../support/registry/registry';
import { connectionTo, imageOf } from '../../support/registry/scene';
import { imageRow, registryRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const list = (id: string, query: Record<string, string | number | boolean> = {}, more: object = {}) =>
  portolan.call('listContainerImageTags', { path: { id }, query: query as Record<string, string>, ...more });
const shown = (answer: { body: any }) => answer.body.tags.map(({ tag, matches }: any) => `${tag}${matches ? '' : ' -'}`);

describeWithRegistry('200', () => {
  let registry: TestRegistry;
  let image: any;
  let digests: Map<string, string>;
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'htpasswd' });
    digests = storeImages(registry, 'acme/app', [
      { tags: ['1.9.0'], image: { label: 'a' } },
      { tags: ['1.10.0', 'latest'], image: { label: 'b' } },
      { tags: ['2.0.0-rc.1'], image: { label: 'c' } },
      { tags: ['1.10.0-alpine'], image: { label: 'd' } },
    ]);
    const connection = await connectionTo(portolan, envId, registry);
    image = await imageOf(portolan, envId, registry, 'acme/app', {
      tagFilter: 'semver:^1',
      registryConnectionId: connection.id,
    });
  });
  afterAll(() => registry.close());

  test('the tags of the registry with their digests, and whether the filter takes them', async () => {
    const answer = await list(image.id);
    expect(answer.body).toMatchObject({ tagFilter: 'semver:^1', total: 5, truncated: false });
    expect(shown(answer).filter((text: string) => !text.endsWith(' -'))).toEqual(['1.10.0', '1.9.0']);
    for (const { tag, digest } of answer.body.tags) expect([tag, digest]).toEqual([tag, digests.get(tag)]);
  });

  test('matching narrows, also to those that the filter leaves', async () => {
    expect(shown(await list(image.id, { matching: true }))).toEqual(['1.10.0', '1.9.0']);
    const others = await list(image.id, { matching: false, sort: 'tag' });
    expect(shown(others)).toEqual(['1.10.0-alpine -', '2.0.0-rc.1 -', 'latest -']);
    expect(others.body.total).toBe(3);
    expect(shown(await list(image.id, { matching: true, q: '9' }))).toEqual(['1.9.0']);
  });

  test('pages of two give every tag once', async () => {
    const rows = await readToEnd(portolan, { operationId: 'listContainerImageTags', member: 'tags' }, { path: { id: image.id } });
    expect(new Set(rows.map(({ tag }) => tag)).size).toBe(5);
  });

  test('a connection that is only found by its host does as well', async () => {
    const elsewhere = await environment(portolan);
    await connectionTo(portolan, elsewhere, registry);
    const found = await imageOf(portolan, elsewhere, registry, 'acme/app');
    expect(found.registryLink).toBe('host');
    expect((await list(found.id)).body.total).toBe(5);
  });

  test('404: the registry does not know the repository', async () => {
    const nothing = await imageOf(portolan, envId, registry, 'acme/nothing');
    const answer = await list(nothing.id);
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
    expect(answer.body.hint).not.toContain('%2F');
  });
});

describe('409', () => {
  test('an image that names another host than its connection is not read', async () => {
    const connection = await registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9' });
    const id = await imageRow(portolan, envId, { registry_connection_id: connection });
    const answer = await list(id);
    expect([answer.status, answer.body.details]).toEqual([409, { reason: 'host_mismatch' }]);
  });
});

describe('502', () => {
  test('nobody listens', async () => {
    const connection = await registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9' });
    const id = await imageRow(portolan, envId, {
      image_name: '127.0.0.1:9/acme/app',
      repository: '127.0.0.1:9/acme/app',
      registry_connection_id: connection,
    });
    const answer = await list(id);
    expect([answer.status, answer.body.details.upstream.reason]).toEqual([502, 'connection_refused']);
  });
});

describe('404', () => {
  test('a token for another environment does not see the image', async () => {
    const id = await imageRow(portolan, envId);
    const foreign = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list(id, {}, { token: foreign.token })).status).toBe(404);
  });
});
