import { environment, token } from '../../support/fixtures';
import { describeListRules } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';
import { imageRow, registryRow, serverRow, serviceRow } from '../../support/rows';

let portolan: Portolan;
const ids: Record<string, string> = {};
beforeAll(async () => {
  portolan = await startPortolan();
  for (const [index, name] of ['staging', 'production', 'Production', 'test_1', 'test%1'].entries()) {
    ids[name] = await environment(portolan, name);
    await portolan.sql('update environments set created_at = $2 where id = $1', [ids[name], `2026-01-0${1 + (index % 3)}`]);
  }
  await portolan.sql("update environments set display_name = 'Hafen' where name = 'staging'");
});
afterAll(() => portolan.close());

const list = (query: Record<string, string | number | boolean> | string = {}, more: object = {}) =>
  portolan.call('listEnvironments', { query, ...more });
const namesOf = async (query: Record<string, string> | string = {}, more: object = {}) => {
  const { body } = await list(query, more);
  expect(body.total).toBe(body.environments.length);
  return body.environments.map(({ name }: { name: string }) => name);
};

describeListRules(() => portolan, {
  operationId: 'listEnvironments',
  member: 'environments',
  sortable: { name: (row) => row.name, createdAt: (row) => row.createdAt },
  call: () => ({}),
  otherFilter: { name: 'staging' },
  otherSort: 'createdAt',
});

describe('200', () => {
  test('by name; the environment of the installation is among them', async () => {
    expect(await namesOf()).toEqual(['Production', 'management', 'production', 'staging', 'test%1', 'test_1']);
  });

  test.each([
    [{ name: 'production' }, ['production']],
    ['name=production,staging,nobody', ['production', 'staging']],
    [{ q: 'PROD' }, ['Production', 'production']],
    [{ q: 'hafen' }, ['staging']],
    [{ q: '_' }, ['test_1']],
    [{ q: 'prod', name: 'production' }, ['production']],
    [{ name: 'nobody' }, []],
  ])('%j', async (query, expected) => {
    expect(await namesOf(query as never)).toEqual(expected);
  });

  test('each row is what getEnvironment shows', async () => {
    const id = ids.staging as string;
    await registryRow(portolan, id);
    const imageId = await imageRow(portolan, id);
    await serviceRow(portolan, id, { container_image_id: imageId });
    await serverRow(portolan, await serviceRow(portolan, id, { container_image_id: imageId }));
    await portolan.sql(`
      insert into vars (id, environment_id, key, value) select gen_random_uuid(), '${id}', 'V' || n, '' from generate_series(1, 3) n;
      insert into secrets (id, environment_id, key, value_sealed) values (gen_random_uuid(), '${id}', 'S', 'v1.k1.x.y');`);
    const listed = (await list({ name: 'staging' })).body.environments;
    expect(listed).toEqual([(await portolan.call('getEnvironment', { path: { id } })).body.environment]);
    expect(listed[0]._count).toMatchObject({ services: 2, registries: 1, containerImages: 1, servers: 1, vars: 3, secrets: 1 });
  });

  test('a limited token sees its own only, in pages and totals too', async () => {
    const { token: own } = await token(portolan, {
      role: 'viewer',
      environments: [ids.staging as string, ids.production as string],
    });
    expect(await namesOf({}, { token: own })).toEqual(['production', 'staging']);
    expect(await namesOf({ name: 'test_1' }, { token: own })).toEqual([]);
    const first = (await list({ limit: 1 }, { token: own })).body;
    expect([first.total, first.environments.length]).toEqual([2, 1]);
    const second = (await list({ limit: 1, cursor: first.nextCursor }, { token: own })).body;
    expect([second.environments[0].name, second.nextCursor]).toEqual(['staging', null]);
  });
});
