import { placement, service } from '../../support/catalogue';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { watchPlacement } from './placementsOfTests';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const read = (id: string, depId: string, more: object = {}) =>
  portolan.call('getServiceDeployment', { path: { id, depId }, ...more });

describe('200', () => {
  test('with all that was seen of it, and its server', async () => {
    const { id } = await service(portolan, envId);
    const made = await placement(portolan, id, { composePath: '/opt/shop/compose.yml', envOverrides: { A: '1' } });
    const { shown, server } = await watchPlacement(portolan, made.id);
    const { deployment } = (await read(id, made.id)).body;
    expect(deployment).toEqual({ ...made, ...shown, server: { ...made.server, ...server } });
  });

  test('is what the list and the service show', async () => {
    const { id } = await service(portolan, envId);
    const made = await placement(portolan, id, { envOverrides: { A: '1' } });
    await watchPlacement(portolan, made.id);
    const { deployment } = (await read(id, made.id)).body;
    expect((await portolan.call('listServiceDeployments', { path: { id } })).body.deployments).toEqual([deployment]);
    expect((await portolan.call('getService', { path: { id } })).body.service.serviceDeployments).toEqual([deployment]);
  });

  test('by a viewer with services:read alone', async () => {
    const { id } = await service(portolan, envId);
    const made = await placement(portolan, id);
    const viewer = await token(portolan, { role: 'viewer', scopes: ['services:read'], environments: [envId] });
    expect((await read(id, made.id, { token: viewer.token })).status).toBe(200);
  });
});

describe('304', () => {
  test('while nothing changed; a new status shows', async () => {
    const { id } = await service(portolan, envId);
    const made = await placement(portolan, id);
    const headers = { 'if-none-match': String((await read(id, made.id)).headers.etag) };
    expect((await read(id, made.id, { headers })).status).toBe(304);
    await portolan.sql("update service_deployments set status = 'healthy' where id = $1", [made.id]);
    const after = await read(id, made.id, { headers });
    expect([after.status, after.body.deployment.status]).toEqual([200, 'healthy']);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (depId) => {
    const { id } = await service(portolan, envId);
    expect((await read(id, depId)).status).toBe(404);
    expect((await read(depId, (await placement(portolan, id)).id)).status).toBe(404);
  });

  test('a placement of another service', async () => {
    const made = await placement(portolan, (await service(portolan, envId)).id);
    expect((await read((await service(portolan, envId)).id, made.id)).status).toBe(404);
  });

  test('outside a token’s environments', async () => {
    const { id } = await service(portolan, envId);
    const made = await placement(portolan, id);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await read(id, made.id, { token: other.token })).status).toBe(404);
  });
});
