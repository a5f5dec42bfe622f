import type { Caller } from '../../../support/droplets';
import { token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { instancesOfShop, type Scene, sceneOfProcesses } from './processesOfTests';

let portolan: Portolan;
let scene: Scene;
const url = 'https://portolan.example';

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: url });
  scene = await sceneOfProcesses(portolan);
});
afterAll(() => portolan.close());

const list = (guid: string, query = '', caller: Caller = 'admin') =>
  portolan.call('listAppProcesses', { path: { guid }, query, token: scene.callers[caller] });

describe('200', () => {
  test.each(['admin', 'viewer'] as const)('its one process, the command hidden, for the %s', async (caller) => {
    const { status, body } = await list(scene.shop, '', caller);
    expect(status).toBe(200);
    const { body: process } = await portolan.call('getProcess', { path: { guid: scene.shop } });
    expect(body.resources).toEqual([{ ...process, command: '[PRIVATE DATA HIDDEN IN LISTS]' }]);
    expect(body.pagination.total_results).toBe(1);
    expect(body.pagination.first.href).toBe(`${url}/v3/apps/${scene.shop}/processes?page=1&per_page=50`);
  });

  test('with its instances', async () => {
    const { body } = await list(scene.shop, 'embed=process_instances');
    expect(body.resources[0].process_instances).toEqual(instancesOfShop);
  });

  test('none of another type', async () => {
    expect((await list(scene.shop, 'types=worker')).body.resources).toEqual([]);
  });
});

test.each(['embed=x', 'app_guids=x', 'per_page=0'])('400 for %s, before any lookup', async (query) => {
  const answer = await list('no-uuid', query);
  expect([answer.status, answer.body.errors[0].code]).toEqual([400, 10005]);
});

test('401 without a credential', async () => {
  expect((await list(scene.shop, '', 'anonymous')).status).toBe(401);
});

test('403 without the scope to read', async () => {
  const { token: poor } = await token(portolan, { scopes: ['services:write'] });
  expect((await portolan.call('listAppProcesses', { path: { guid: scene.shop }, token: poor })).status).toBe(403);
});

describe('404', () => {
  test.each(['01920000-0000-7000-8000-000000000000', 'no-uuid'])('%s', async (guid) => {
    const answer = await list(guid);
    expect([answer.status, answer.body.errors[0].detail]).toEqual([404, 'App not found']);
  });

  test('outside of what a token reaches', async () => {
    expect((await list(scene.shop, '', 'outside')).status).toBe(404);
  });
});
