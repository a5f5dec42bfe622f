import { instance } from '../../../support/cfShapes';
import type { Caller } from '../../../support/droplets';
import { token } from '../../../support/fixtures';
import { decoded } from '../../../support/goDecoding';
import { type Answered, type Portolan, startPortolan } from '../../../support/portolan';
import { operationRow, placementRow, serverRow, serviceRow } from '../../../support/rows';
import { type Scene, sceneOfProcesses, statsOfShop } from './processesOfTests';

let portolan: Portolan;
let scene: Scene;
const url = 'https://portolan.example';

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: url });
  scene = await sceneOfProcesses(portolan);
});
afterAll(() => portolan.close());

const get = (guid: string, caller: Caller = 'admin', query = '') =>
  portolan.call('listProcessStats', { path: { guid }, token: scene.callers[caller], query });
const problem = ({ status, body }: Answered) => [status, body.errors[0].code, body.errors[0].detail];

describe('200', () => {
  test.each(['admin', 'reader', 'developer', 'supporter', 'viewer'] as const)(
    'one item for each placement, by age, for the %s',
    async (caller) => {
      const answer = await get(scene.shop, caller);
      expect([answer.status, answer.body]).toEqual([200, { resources: statsOfShop }]);
    },
  );

  test('none without placements; query parameters are ignored', async () => {
    expect((await get(scene.bare, 'admin', 'x=1')).body).toEqual({ resources: [] });
  });

  test('what the host told of each container', async () => {
    const app = await serviceRow(portolan, scene.space, { name: 'stats-of-all-kinds' });
    const server = await serverRow(portolan, app, 'web-1');
    const minute = (n: number) => `2026-03-01T08:0${n}:00Z`;
    const running = await placementRow(portolan, app, null, {
      server_id: server,
      created_at: minute(0),
      last_deployed_at: new Date(Date.now() - 90_000).toISOString(),
      container_status: 'running',
      health_status: 'healthy',
      exposed_ports: JSON.stringify([{ host: 8080, container: 80, protocol: 'tcp', hostIp: null }]),
    });
    const ill = { container_status: 'running', health_status: 'unhealthy' };
    await placementRow(portolan, app, null, { created_at: minute(1), ...ill });
    const working = await placementRow(portolan, app, null, { created_at: minute(2) });
    await placementRow(portolan, app, null, { created_at: minute(3), container_status: 'not_found' });
    await operationRow(portolan, { kind: 'deploy.run', resource_type: 'service_deployment', resource_id: working });
    const { resources } = (await get(app)).body;
    expect(resources.map(({ state }: { state: string }) => state)).toEqual(['RUNNING', 'CRASHED', 'STARTING', 'DOWN']);
    // cf reads it with what is null left at zero.
    expect(decoded(resources, { list: instance })[0]).toMatchObject({ state: 'RUNNING', mem_quota: 0, log_rate_limit: -1 });
    const { uptime, ...first } = resources[0];
    expect(uptime).toBeGreaterThanOrEqual(90);
    expect(first).toEqual({
      type: 'web',
      index: 0,
      instance_guid: running,
      state: 'RUNNING',
      routable: true,
      host: 'web-1',
      instance_internal_ip: '10.0.0.5',
      mem_quota: null,
      disk_quota: null,
      log_rate_limit: -1,
      fds_quota: null,
      isolation_segment: null,
      details: null,
      instance_ports: [{ external: 8080, internal: 80, external_tls_proxy_port: null, internal_tls_proxy_port: null }],
      usage: {},
    });
    expect(resources[1]).toMatchObject({ routable: false, uptime: 0, details: expect.stringContaining('running and unhealthy') });
    const down = ['type', 'index', 'state', 'routable', 'uptime', 'isolation_segment', 'details'];
    expect(Object.keys(resources[3])).toEqual(down);
  });

  test('a deployment of the whole app starts each of its instances', async () => {
    const app = await serviceRow(portolan, scene.space, { name: 'stats-while-deploying' });
    await placementRow(portolan, app, null, { container_status: 'running' });
    const operation = await operationRow(portolan, { kind: 'deploy.run', resource_type: 'service', resource_id: app });
    expect((await get(app)).body.resources).toMatchObject([{ state: 'STARTING' }]);
    await portolan.sql("update operations set state = 'succeeded' where id = $1", [operation]);
    expect((await get(app)).body.resources).toMatchObject([{ state: 'RUNNING' }]);
  });
});

test('401 without a credential', async () => {
  expect((await get(scene.shop, 'anonymous')).status).toBe(401);
});

test('403 without the scope to read', async () => {
  const { token: poor } = await token(portolan, { scopes: ['services:write'] });
  const guid = scene.shop;
  expect((await portolan.call('listProcessStats', { path: { guid }, token: poor })).status).toBe(403);
});

describe('404', () => {
  test.each(['01920000-0000-7000-8000-000000000000', 'no-uuid'])('%s', async (guid) => {
    expect(problem(await get(guid))).toEqual([404, 10010, 'Process not found']);
  });

  test('outside of what a token reaches', async () => {
    expect(problem(await get(scene.shop, 'outside'))).toEqual([404, 10010, 'Process not found']);
  });
});
