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

const list = (query = '', caller: Caller = 'admin') => portolan.call('listProcesses', { query, token: scene.callers[caller] });
const guids = async (query: string, caller: Caller = 'admin') =>
  (await list(query, caller)).body.resources.map(({ guid }: { guid: string }) => guid);

describe('200', () => {
  test('one for each app, as getProcess tells it but for the command', async () => {
    const { status, body } = await list();
    expect([status, body.pagination.total_results]).toEqual([200, 2]);
    const { body: process } = await portolan.call('getProcess', { path: { guid: scene.shop } });
    expect(body.resources[0]).toEqual({ ...process, command: '[PRIVATE DATA HIDDEN IN LISTS]' });
    expect(body.resources[1].guid).toBe(scene.bare);
    expect(body.pagination.first.href).toBe(`${url}/v3/processes?page=1&per_page=50`);
  });

  test('with their instances', async () => {
    const { body } = await list('embed=process_instances');
    expect(body.resources.map((process: any) => process.process_instances)).toEqual([instancesOfShop, []]);
    expect(body.pagination.first.href).toContain('embed=process_instances');
  });

  test.each(['reader', 'developer', 'supporter', 'viewer'] as const)('for the %s', async (caller) => {
    expect(await guids('', caller)).toEqual([scene.shop, scene.bare]);
  });

  test('by guid, app, space, type and label', async () => {
    const { shop, bare, space } = scene;
    expect(await guids(`guids=${bare}`)).toEqual([bare]);
    expect(await guids(`app_guids=${shop},no-uuid`)).toEqual([shop]);
    expect(await guids(`space_guids=${space}`)).toEqual([shop, bare]);
    expect(await guids(`space_guids=${shop}`)).toEqual([]);
    expect(await guids(`organization_guids=${shop}`)).toEqual([]);
    expect(await guids('types=web')).toEqual([shop, bare]);
    expect(await guids('types=worker')).toEqual([]);
    await portolan.sql("insert into labels values ('process', $1, '', 'tier', 'web'), ('app', $2, '', 'tier', 'web')", [
      bare,
      shop,
    ]);
    expect(await guids('label_selector=tier=web')).toEqual([bare]);
  });

  test('a page past the end tells the true total', async () => {
    const { body } = await list('page=3&per_page=1');
    expect([body.resources, body.pagination.total_results, body.pagination.next]).toEqual([[], 2, null]);
    expect(body.pagination.previous.href).toBe(`${url}/v3/processes?page=2&per_page=1`);
  });

  test('whoever reaches other spaces only gets an empty page', async () => {
    const { body } = await list('', 'outside');
    expect([body.resources, body.pagination.total_results]).toEqual([[], 0]);
  });
});

test.each(['embed=sidecars', 'names=shop', 'per_page=0', 'order_by=name'])('400 for %s', async (query) => {
  const answer = await list(query);
  expect([answer.status, answer.body.errors[0].code]).toEqual([400, 10005]);
});

test('401 without a credential', async () => {
  expect((await list('', 'anonymous')).status).toBe(401);
});

test('403 without the scope to read', async () => {
  const { token: poor } = await token(portolan, { scopes: ['services:write'] });
  expect((await portolan.call('listProcesses', { token: poor })).status).toBe(403);
});
