import { environment, token } from '../../support/fixtures';
import { describeListRules } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';
import { imageRow, placementRow, registryRow, serverRow, serviceRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
let registryId: string;
let shopId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  registryId = await registryRow(portolan, envId);
  shopId = await imageRow(portolan, envId, {
    name: 'Shop',
    image_name: 'ghcr.io/acme/shop',
    tag_filter: 'semver:^2',
    registry_connection_id: registryId,
    last_checked_at: '2026-03-01T08:00:00.12Z',
    update_available: true,
  });
  const other = await imageRow(portolan, envId, { image_name: 'ghcr.io/acme/other', registry_connection_id: registryId });
  for (const [index, name] of ['web', 'api', 'cron', 'Web', 'worker'].entries()) {
    await serviceRow(portolan, envId, {
      name,
      image_tag: `2.${index}`,
      container_image_id: index < 3 ? shopId : other,
      created_at: `2026-01-0${1 + (index % 3)}`,
    });
  }
  // Not linked explicitly, linked to another connection, without an image.
  await serviceRow(portolan, envId, { container_image_id: await imageRow(portolan, envId) });
  const elsewhere = await registryRow(portolan, envId);
  await serviceRow(portolan, envId, {
    container_image_id: await imageRow(portolan, envId, { registry_connection_id: elsewhere }),
  });
  await serviceRow(portolan, envId);
});
afterAll(() => portolan.close());

const list = (query: Record<string, string> = {}, more: object = {}) =>
  portolan.call('listRegistryServices', { path: { id: registryId }, query, ...more });
const namesOf = async (query: Record<string, string> = {}) => {
  const { body } = await list(query);
  expect(body.total).toBe(body.services.length);
  return body.services.map(({ name }: { name: string }) => name);
};

const createdAtOf: Record<string, number> = { web: 1, api: 2, cron: 3, Web: 1, worker: 2 };
describeListRules(() => portolan, {
  operationId: 'listRegistryServices',
  member: 'services',
  sortable: { name: (row) => row.name, createdAt: (row) => createdAtOf[row.name] as number },
  call: () => ({ path: { id: registryId } }),
  otherFilter: { q: 'web' },
  otherSort: 'createdAt',
});

describe('200', () => {
  test('services of explicitly linked images only, by name', async () => {
    expect(await namesOf()).toEqual(['Web', 'api', 'cron', 'web', 'worker']);
  });

  test.each([
    [{ q: 'WEB' }, ['Web', 'web']],
    [{ q: 'acme/shop' }, ['api', 'cron', 'web']],
    [{ q: 'nothing' }, []],
  ])('%j', async (query, expected) => {
    expect(await namesOf(query as never)).toEqual(expected);
  });

  test('every member', async () => {
    const [service] = (await list({ q: 'api' })).body.services;
    expect(service).toEqual({
      id: expect.any(String),
      name: 'api',
      imageTag: '2.1',
      containerImage: {
        id: shopId,
        name: 'Shop',
        imageName: 'ghcr.io/acme/shop',
        tagFilter: 'semver:^2',
        autoUpdate: false,
        updateAvailable: true,
        lastCheckedAt: '2026-03-01T08:00:00.120Z',
      },
      serviceDeployments: [],
    });
  });

  test('none, for a connection that nothing is linked to', async () => {
    const id = await registryRow(portolan, envId);
    expect((await portolan.call('listRegistryServices', { path: { id } })).body).toEqual({
      services: [],
      total: 0,
      nextCursor: null,
    });
  });
});

describe('403', () => {
  test('for a token that may read registries, but not services', async () => {
    const reader = await token(portolan, { scopes: ['registries:read'] });
    const answer = await list({}, { token: reader.token });
    expect([answer.status, answer.body.details]).toEqual([403, { requiredScope: 'services:read' }]);
    const services = await token(portolan, { role: 'viewer', scopes: ['services:read'], environments: [envId] });
    expect((await list({}, { token: services.token })).body.total).toBe(5);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s, also with a bad query', async (id) => {
    expect((await portolan.call('listRegistryServices', { path: { id }, query: { limit: 0 } })).status).toBe(404);
  });

  test('a connection outside of the token’s environments', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list({}, { token: other.token })).status).toBe(404);
  });
});

describe('placements', () => {
  test('stand with their service, oldest first', async () => {
    const container_image_id = await imageRow(portolan, envId, { registry_connection_id: await registryRow(portolan, envId) });
    const [{ registry_connection_id: id }] = await portolan.sql(
      'select registry_connection_id from container_images where id = $1',
      [container_image_id],
    );
    const serviceId = await serviceRow(portolan, envId, { container_image_id });
    const [one, two] = [await serverRow(portolan, serviceId, 'one'), await serverRow(portolan, serviceId, 'two')];
    const second = await placementRow(portolan, serviceId, null, { server_id: two, created_at: '2026-01-02' });
    const first = await placementRow(portolan, serviceId, null, { server_id: one, created_at: '2026-01-01' });
    const { services } = (await portolan.call('listRegistryServices', { path: { id } })).body;
    expect(services[0].serviceDeployments).toEqual([
      { id: first, server: { id: one, name: 'one' } },
      { id: second, server: { id: two, name: 'two' } },
    ]);
  });
});
