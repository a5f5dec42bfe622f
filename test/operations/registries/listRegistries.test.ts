import { environment, token, unique } from '../../support/fixtures';
import { describeListRules, readToEnd } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';
import { imageRow, registryRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
const names = ['beta', 'alpha', 'gamma', 'Alpha', 'delta_1', 'delta%1', 'épsilon'];
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  const types = ['generic', 'dockerhub', 'digitalocean'];
  for (const [index, name] of names.entries()) {
    await registryRow(portolan, envId, {
      name,
      type: types[index % 3],
      is_default: name === 'gamma',
      created_at: `2026-01-0${1 + (index % 4)}T00:00:00.000Z`,
    });
  }
  await registryRow(portolan, await environment(portolan));
});
afterAll(() => portolan.close());

const list = async (query: Record<string, string | number | boolean> | string = {}, more: object = {}) =>
  portolan.call('listRegistries', { path: { envId }, query, ...more });
const namesOf = async (query: Record<string, string | number | boolean> | string = {}) => {
  const { body } = await list(query);
  expect(body.total).toBe(body.registries.length);
  return body.registries.map(({ name }: { name: string }) => name);
};

describeListRules(() => portolan, {
  operationId: 'listRegistries',
  member: 'registries',
  sortable: {
    isDefault: (row) => row.isDefault,
    name: (row) => row.name,
    createdAt: (row) => row.createdAt,
    type: (row) => row.type,
  },
  call: () => ({ path: { envId } }),
  otherFilter: { type: 'generic' },
  otherSort: 'type',
});

describe('200', () => {
  test('the default comes first, then by name; nothing of other environments', async () => {
    expect(await namesOf()).toEqual(['gamma', 'Alpha', 'alpha', 'beta', 'delta%1', 'delta_1', 'épsilon']);
  });

  test('keys of several directions page without gaps', async () => {
    const rows = await readToEnd(portolan, { operationId: 'listRegistries', member: 'registries' }, {
      path: { envId },
      query: { sort: 'type,-createdAt,name' },
    });
    const keys = rows.map(({ type, createdAt, name }) => [type, createdAt, name]);
    expect(keys).toEqual(
      [...keys].sort((a, b) => {
        if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
        if (a[1] !== b[1]) return a[1] > b[1] ? -1 : 1;
        return a[2] < b[2] ? -1 : 1;
      }),
    );
    expect(rows).toHaveLength(names.length);
  });

  test('a page stays in its place while rows come and go before it', async () => {
    const place = await environment(portolan);
    for (const name of ['c', 'e', 'g', 'i']) await registryRow(portolan, place, { name });
    const page = (query: object) => portolan.call('listRegistries', { path: { envId: place }, query: { limit: 2, sort: 'name', ...query } });
    const first = await page({});
    await registryRow(portolan, place, { name: 'a' });
    await portolan.sql("delete from registries where environment_id = $1 and name = 'c'", [place]);
    const second = await page({ cursor: first.body.nextCursor });
    expect(second.body.registries.map(({ name }: { name: string }) => name)).toEqual(['g', 'i']);
  });

  test.each([
    [{ name: 'alpha' }, ['alpha']],
    ['name=alpha,beta,nobody', ['alpha', 'beta']],
    [{ type: 'dockerhub' }, ['alpha', 'delta_1']],
    ['type=dockerhub,digitalocean', ['gamma', 'alpha', 'delta%1', 'delta_1']],
    [{ isDefault: true }, ['gamma']],
    [{ isDefault: false, type: 'digitalocean' }, ['delta%1']],
    [{ q: 'ALPH' }, ['Alpha', 'alpha']],
    [{ q: 'ÉPS' }, ['épsilon']],
    [{ q: '%' }, ['delta%1']],
    [{ q: '_' }, ['delta_1']],
    [{ q: '' }, ['gamma', 'Alpha', 'alpha', 'beta', 'delta%1', 'delta_1', 'épsilon']],
    ['q=a&name=beta,gamma&isDefault=true', ['gamma']],
    [{ name: 'nobody' }, []],
  ])('%j', async (query, expected) => {
    expect(await namesOf(query as never)).toEqual(expected);
  });

  test('a comma inside a name is sent as %2C', async () => {
    await registryRow(portolan, envId, { name: 'a,b' });
    expect(await namesOf('name=a%2Cb')).toEqual(['a,b']);
    await portolan.sql("delete from registries where name = 'a,b'");
  });

  test('each row is what getRegistry shows, image count included, and holds no secret', async () => {
    const place = await environment(portolan);
    const created = await portolan.call('createRegistry', {
      path: { envId: place },
      body: { name: unique('full'), type: 'generic', registryUrl: 'ghcr.io', username: 'ci', password: 'canary-1', token: 'canary-2' },
    });
    const { id } = created.body.registry;
    for (let i = 0; i < 3; i++) await imageRow(portolan, place, { registry_connection_id: id });
    await imageRow(portolan, place);
    const shown = await portolan.call('getRegistry', { path: { id } });
    const listed = await portolan.call('listRegistries', { path: { envId: place } });
    expect(listed.body.registries).toEqual([shown.body.registry]);
    expect([shown.body.registry.imageCount, shown.body.registry._count]).toEqual([3, { containerImages: 3 }]);
    expect(listed.text).not.toContain('canary');
  });

  test('the total follows creates and deletes', async () => {
    const place = await environment(portolan);
    const total = async () => (await portolan.call('listRegistries', { path: { envId: place } })).body.total;
    expect(await total()).toBe(0);
    const ids = [await registryRow(portolan, place), await registryRow(portolan, place)];
    expect(await total()).toBe(2);
    await portolan.call('deleteRegistry', { path: { id: ids[0] as string } });
    expect(await total()).toBe(1);
  });
});

describe('400', () => {
  test.each([
    [{ type: 'quay' }, 'type[0]', 'enum'],
    [{ isDefault: 'yes' }, 'isDefault', 'type'],
    [{ sort: 'name,-name' }, 'sort', 'enum'],
    [{ q: 'x'.repeat(256) }, 'q', 'maxLength'],
    ['name=%ff', 'name', 'unparsable'],
    ['name=a&name=b', 'name', 'unparsable'],
    ['q=%00', 'q', 'unparsable'],
  ])('%j', async (query, field, code) => {
    const answer = await list(query as never);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('environment %s, also with a bad query', async (unknown) => {
    const answer = await portolan.call('listRegistries', { path: { envId: unknown }, query: { limit: 0 } });
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
    expect((await portolan.call('listRegistries', { path: { envId: unknown } })).status).toBe(404);
  });

  test('an environment outside of the token’s is hidden', async () => {
    const own = await token(portolan, { role: 'viewer', environments: [envId] });
    expect((await list({}, { token: own.token })).body.total).toBe(names.length);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list({}, { token: other.token })).status).toBe(404);
  });
});
