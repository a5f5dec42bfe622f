import { containerImage, placement, queryOf, registry, server, service, serviceType } from '../../support/catalogue';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { walkPages } from '../../support/walkPages';
import { watchPlacement } from '../serviceDeployments/placementsOfTests';

let portolan: Portolan;
let envId: string;
let serverId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  serverId = (await server(portolan, envId)).id;
  for (const name of ['delta', 'alpha', 'Charlie', 'bravo_x']) {
    await placement(portolan, (await service(portolan, envId, { name } as object)).id, { serverId });
  }
  await placement(portolan, (await service(portolan, envId)).id);
});
afterAll(() => portolan.close());

const list = (query: Record<string, string | number> = {}, more: object = {}) =>
  portolan.call('listServerServices', { path: { serverId }, query: queryOf(query), ...more });
const names = (rows: { name: string }[]) => rows.map(({ name }) => name);

describe('200', () => {
  test('the services on the server by name, and no others', async () => {
    const { services, total, nextCursor } = (await list()).body;
    expect(names(services)).toEqual(['Charlie', 'alpha', 'bravo_x', 'delta']);
    expect([total, nextCursor]).toEqual([4, null]);
  });

  test('each is the service, whose flat members tell of the placement here', async () => {
    const here = await server(portolan, envId);
    const connection = await registry(portolan, envId, { autoLinkPattern: 'acme/here' });
    const image = await containerImage(portolan, envId, { imageName: 'ghcr.io/acme/here' });
    const serviceTypeId = await serviceType(portolan, { shell: 'sh' });
    const { id } = await service(portolan, envId, { containerImageId: image.id, serviceTypeId } as object);
    const oldest = await placement(portolan, id, { containerName: 'elsewhere' });
    const placed = await placement(portolan, id, { serverId: here.id, containerName: 'here', composePath: '/opt/here.yml' });
    const { shown } = await watchPlacement(portolan, placed.id);
    const { services } = (await list({}, { path: { serverId: here.id } })).body;
    const alone = (await portolan.call('getService', { path: { id } })).body.service;
    expect(alone).toMatchObject({ containerName: 'elsewhere', serverId: oldest.serverId });
    const { status, containerStatus, healthStatus, exposedPorts, discoveryStatus, lastCheckedAt, lastDiscoveredAt } = shown;
    expect(services).toEqual([
      {
        ...alone,
        ...{ status, containerStatus, healthStatus, exposedPorts, discoveryStatus, lastCheckedAt, lastDiscoveredAt },
        containerName: 'here',
        composePath: '/opt/here.yml',
        serverId: here.id,
        server: alone.serviceDeployments[1].server,
        deploymentId: placed.id,
      },
    ]);
    expect(services[0].serviceType.commands).toMatchObject([{ name: 'shell', command: 'sh' }]);
    expect(services[0].containerImage.registryConnection.id).toBe(connection.id);
  });

  test('none on an empty server', async () => {
    const { id } = await server(portolan, envId);
    expect((await list({}, { path: { serverId: id } })).body).toEqual({ services: [], total: 0, nextCursor: null });
  });

  test.each([
    ['A', ['Charlie', 'alpha', 'bravo_x', 'delta']],
    ['lt', ['delta']],
    ['_', ['bravo_x']],
    ['nothing', []],
  ])('q=%s gives %j', async (q, expected) => {
    const answer = await list({ q });
    expect([names(answer.body.services), answer.body.total]).toEqual([expected, expected.length]);
  });

  test.each(['name', '-name', 'createdAt', '-createdAt'])('sorted by %s, page by page', async (sort) => {
    const rows = await walkPages(portolan, 'listServerServices', 'services', 3, { path: { serverId }, query: { sort } });
    expect(rows).toEqual((await list({ sort, limit: 1000 })).body.services);
    expect(rows).toHaveLength(4);
  });
});

describe('400', () => {
  test.each([
    ['limit', { limit: 0 }],
    ['sort', { sort: 'updatedAt' }],
    ['name', { name: 'alpha' }],
  ])('%s: %j', async (field, query) => {
    const answer = await list(query as unknown as Record<string, string>);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('the server %s, also with a bad query', async (id) => {
    expect((await list({}, { path: { serverId: id } })).status).toBe(404);
    expect((await list({ limit: 0 }, { path: { serverId: id } })).status).toBe(404);
  });

  test('a server outside a token’s environments', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list({}, { token: other.token })).status).toBe(404);
    const own = await token(portolan, { environments: [envId], role: 'viewer', scopes: ['services:read'] });
    expect((await list({}, { token: own.token })).body.total).toBe(4);
  });
});
