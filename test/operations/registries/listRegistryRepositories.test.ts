import { environment, token } from '../../support/fixtures';
import { describeListRules, readToEnd } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';
import { describeWithRegistry } from '../../support/registry/binary';
import { storeImages, storeManyRepositories } from '../../support/registry/bulk';
import { startRegistry, type TestRegistry } from '../../support/registry/registry';
import { connectionTo, type FakeRegistry, fakeRegistry } from '../../support/registry/scene';
import { registryRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan({ REGISTRY_MAX_TAGS: '40' });
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const list = (id: string, query: Record<string, string | number> = {}, more: object = {}) =>
  portolan.call('listRegistryRepositories', { path: { id }, query, ...more });
const names = (answer: { body: any }) => answer.body.repositories.map(({ name }: { name: string }) => name);

describeWithRegistry('200: a real registry', () => {
  let registry: TestRegistry;
  let id: string;
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'htpasswd' });
    storeManyRepositories(registry, 'acme', 300, 1);
    storeImages(registry, 'tools/Keycloak'.toLowerCase(), [{ tags: ['1'] }]);
    id = (await connectionTo(portolan, envId, registry)).id;
  });
  afterAll(() => registry.close());

  test('the whole catalog, sorted by name', async () => {
    const answer = await list(id);
    expect(answer.body).toMatchObject({ total: 301, truncated: false });
    expect(answer.body.repositories).toHaveLength(100);
    expect(answer.body.repositories[0]).toEqual({ name: 'acme/0000', tagCount: null });
  });

  test('the prefix of the connection narrows it', async () => {
    const narrow = await connectionTo(portolan, envId, registry, { repositoryPrefix: 'tools' });
    expect(names(await list(narrow.id))).toEqual(['tools/keycloak']);
  });

  test('q looks in the name, in any letter case', async () => {
    expect(names(await list(id, { q: 'KEYC' }))).toEqual(['tools/keycloak']);
    expect((await list(id, { q: 'ACME/000' })).body.total).toBe(10);
    expect((await list(id, { q: '%' })).body.total).toBe(0);
  });

  test('is read once, however often it is asked for', async () => {
    const fresh = await connectionTo(portolan, envId, registry);
    const asked = () => registry.seenRequests().filter(({ path, status }) => path.includes('_catalog') && status === 200).length;
    const before = asked();
    const answers = await Promise.all(Array.from({ length: 50 }, () => list(fresh.id, { limit: 3 })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const reading = asked() - before;
    await list(fresh.id, { sort: '-name' });
    expect(asked() - before).toBe(reading);
    // A catalog of 301 names, in pages of the client's own size.
    expect(reading).toBeLessThanOrEqual(4);
  });

  test('is read again after the connection was edited', async () => {
    const fresh = await connectionTo(portolan, envId, registry);
    expect((await list(fresh.id, { limit: 1 })).status).toBe(200);
    await portolan.call('updateRegistry', { path: { id: fresh.id }, body: { password: 'wrong' } });
    expect((await list(fresh.id, { limit: 1 })).status).toBe(502);
    await portolan.call('updateRegistry', { path: { id: fresh.id }, body: { password: registry.password } });
    expect((await list(fresh.id, { limit: 1 })).status).toBe(200);
  });

  test('pages of seven give every repository once', async () => {
    const call = { path: { id }, query: { q: 'acme/00' } };
    const rows = await readToEnd(portolan, { operationId: 'listRegistryRepositories', member: 'repositories' }, call, 7);
    expect(rows.map(({ name }) => name)).toEqual(Array.from({ length: 100 }, (_, n) => `acme/${String(n).padStart(4, '0')}`));
  });
});

describe('200: a registry with more than is read', () => {
  test('says that the list is cut', async () => {
    const all = Array.from({ length: 1000 }, (_, n) => `acme/${n}`);
    const fake = await fakeRegistry((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ repositories: all }));
    });
    const id = await registryRow(portolan, envId, { registry_url: fake.url });
    expect((await list(id)).body).toMatchObject({ total: 400, truncated: true });
    await fake.close();
  });
});

describe('lists', () => {
  let fake: FakeRegistry;
  let id: string;
  beforeAll(async () => {
    const repositories = ['acme/app', 'acme/worker', 'b', 'c', 'zeta/a', 'zeta/b'];
    fake = await fakeRegistry((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ repositories }));
    });
    id = await registryRow(portolan, envId, { registry_url: fake.url });
  });
  afterAll(() => fake.close());

  test('sort by name, either way, and by the number of tags', async () => {
    expect(names(await list(id, { sort: '-name', limit: 2 }))).toEqual(['zeta/b', 'zeta/a']);
    expect(names(await list(id, { sort: 'tagCount,-name', limit: 2 }))).toEqual(['zeta/b', 'zeta/a']);
  });

  describeListRules(
    () => ({ ...portolan, call: async (operation, call) => withIds(await portolan.call(operation, call)) }) as Portolan,
    {
      operationId: 'listRegistryRepositories',
      member: 'repositories',
      sortable: { name: ({ name }) => name, tagCount: () => -1 },
      call: () => ({ path: { id } }),
      otherFilter: { q: 'a' },
      otherSort: '-name',
    },
  );
  /** The name is the key of these rows. */
  const withIds = <A extends { body: any }>(answer: A): A => {
    for (const row of answer.body.repositories ?? []) row.id = row.name;
    return answer;
  };
});

describe('409: a registry without a catalog', () => {
  test.each([401, 404, 405])('%d there is told as such', async (status) => {
    const fake = await fakeRegistry((request, response) => {
      response.writeHead(request.url?.includes('_catalog') ? status : 200, { 'content-type': 'application/json' }).end('{}');
    });
    const id = await registryRow(portolan, envId, { registry_url: fake.url });
    const answer = await list(id);
    expect([answer.status, answer.body.code, answer.body.details?.reason]).toEqual([409, 'CONFLICT', 'catalog_unsupported']);
    expect(answer.body.hint).toEqual(expect.any(String));
    await fake.close();
  });
});

describe('502', () => {
  test('nobody listens', async () => {
    const id = await registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9', name: 'gone' });
    const answer = await list(id);
    expect([answer.status, answer.body.details.upstream]).toEqual([
      502,
      { kind: 'registry', name: 'gone', host: '127.0.0.1:9', reason: 'connection_refused', message: expect.any(String) },
    ]);
  });

  test('what failed is not kept', async () => {
    let status = 500;
    const fake = await fakeRegistry((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"repositories":["a"]}');
    });
    const id = await registryRow(portolan, envId, { registry_url: fake.url });
    expect((await list(id)).body.details.upstream.reason).toBe('bad_response');
    status = 200;
    expect(names(await list(id))).toEqual(['a']);
    await fake.close();
  });
});

describe('400 and 404', () => {
  test('a cursor of another kind is none', async () => {
    const id = await registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9' });
    expect((await list(id, { cursor: 'bm9uZQ' })).status).toBe(400);
  });

  test('a token for another environment does not see the connection', async () => {
    const id = await registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9' });
    const foreign = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list(id, {}, { token: foreign.token })).status).toBe(404);
  });
});
