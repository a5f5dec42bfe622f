import type { Caller } from '../../../support/droplets';
import { token } from '../../../support/fixtures';
import { type Answered, type Portolan, startPortolan } from '../../../support/portolan';
import { instancesOfShop, type Scene, sceneOfProcesses } from './processesOfTests';

let portolan: Portolan;
let scene: Scene;
const url = 'https://portolan.example';

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: url });
  scene = await sceneOfProcesses(portolan);
});
afterAll(() => portolan.close());

const get = (guid: string, caller: Caller = 'admin', query = '') =>
  portolan.call('getProcess', { path: { guid }, token: scene.callers[caller], query });
const problem = ({ status, body }: Answered) => [status, body.errors[0].code, body.errors[0].detail];

describe('200', () => {
  test('a service with placements and a droplet, with every key in its place', async () => {
    const { shop, space } = scene;
    const { status, body } = await get(shop);
    const { created_at, updated_at } = (await portolan.call('getApp', { path: { guid: shop } })).body;
    expect(status).toBe(200);
    const self = `${url}/v3/processes/${shop}`;
    expect(body).toEqual({
      guid: shop,
      created_at,
      updated_at,
      version: '1',
      type: 'web',
      command: '/bin/shop serve',
      user: 'app',
      instances: 2,
      memory_in_mb: 0,
      disk_in_mb: 0,
      log_rate_limit_in_bytes_per_second: -1,
      health_check: { type: 'http', data: { timeout: 20, invocation_timeout: null, interval: 2, endpoint: '/health' } },
      readiness_health_check: { type: 'process', data: { invocation_timeout: null, interval: null } },
      relationships: { app: { data: { guid: shop } }, revision: null },
      metadata: { labels: {}, annotations: {} },
      links: {
        self: { href: self },
        scale: { href: `${self}/actions/scale`, method: 'POST' },
        app: { href: `${url}/v3/apps/${shop}` },
        space: { href: `${url}/v3/spaces/${space}` },
        stats: { href: `${self}/stats` },
        process_instances: { href: `${self}/process_instances` },
      },
    });
    expect(Object.keys(body).join()).toBe(
      'guid,created_at,updated_at,version,type,command,user,instances,memory_in_mb,disk_in_mb,log_rate_limit_in_bytes_per_second,health_check,readiness_health_check,relationships,metadata,links',
    );
  });

  test('is there before the first droplet', async () => {
    const { body } = await get(scene.bare);
    expect(body).toMatchObject({ command: null, user: null, instances: 0, health_check: { type: 'process' } });
    expect(body.health_check.data).not.toHaveProperty('endpoint');
  });

  test.each([
    ['admin', '/bin/shop serve'],
    ['reader', '/bin/shop serve'],
    ['developer', '/bin/shop serve'],
    ['supporter', '[PRIVATE DATA HIDDEN]'],
    ['viewer', '[PRIVATE DATA HIDDEN]'],
  ] as const)('the command for the %s is %s', async (caller, command) => {
    expect((await get(scene.shop, caller)).body.command).toBe(command);
  });

  test('with embed its instances stand before the relationships', async () => {
    const { body } = await get(scene.shop, 'admin', 'embed=process_instances');
    expect(body.process_instances).toEqual(instancesOfShop);
    const keys = Object.keys(body);
    expect(keys.indexOf('process_instances')).toBe(keys.indexOf('relationships') - 1);
  });

  test('its labels are not those of the app', async () => {
    await portolan.sql("insert into labels values ('process', $1, '', 'of', 'process'), ('app', $1, '', 'of', 'app')", [
      scene.bare,
    ]);
    expect((await get(scene.bare)).body.metadata.labels).toEqual({ of: 'process' });
  });
});

test.each(['embed=sidecars', 'embed=', 'nonsense=1'])('400 for %s, before any lookup', async (query) => {
  expect((await get('no-uuid', 'admin', query)).body.errors[0].code).toBe(10005);
});

test('401 without a credential', async () => {
  expect((await get(scene.shop, 'anonymous')).status).toBe(401);
});

test('403 without the scope to read', async () => {
  const { token: poor } = await token(portolan, { scopes: ['services:write'] });
  expect((await portolan.call('getProcess', { path: { guid: scene.shop }, token: poor })).status).toBe(403);
});

describe('404', () => {
  test.each(['01920000-0000-7000-8000-000000000000', 'no-uuid'])('%s', async (guid) => {
    expect(problem(await get(guid))).toEqual([404, 10010, 'Process not found']);
  });

  test('outside of what a token reaches', async () => {
    expect(problem(await get(scene.shop, 'outside'))).toEqual([404, 10010, 'Process not found']);
  });
});
