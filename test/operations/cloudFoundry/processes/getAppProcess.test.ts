import type { Caller } from '../../../support/droplets';
import { token } from '../../../support/fixtures';
import { type Answered, type Portolan, startPortolan } from '../../../support/portolan';
import { instancesOfShop, type Scene, sceneOfProcesses } from './processesOfTests';

let portolan: Portolan;
let scene: Scene;

beforeAll(async () => {
  portolan = await startPortolan();
  scene = await sceneOfProcesses(portolan);
});
afterAll(() => portolan.close());

const get = (guid: string, type = 'web', caller: Caller = 'admin', query = '') =>
  portolan.call('getAppProcess', { path: { guid, type }, token: scene.callers[caller], query });
const problem = ({ status, body }: Answered) => [status, body.errors[0].code, body.errors[0].detail];

describe('200', () => {
  test('is what getProcess tells', async () => {
    const { body } = await portolan.call('getProcess', { path: { guid: scene.shop } });
    expect((await get(scene.shop)).body).toEqual(body);
  });

  test.each([
    ['developer', '/bin/shop serve'],
    ['viewer', '[PRIVATE DATA HIDDEN]'],
  ] as const)('the command for the %s is %s', async (caller, command) => {
    expect((await get(scene.shop, 'web', caller)).body.command).toBe(command);
  });

  test('with its instances', async () => {
    const { body } = await get(scene.shop, 'web', 'admin', 'embed=process_instances');
    expect(body.process_instances).toEqual(instancesOfShop);
  });
});

test('400 for another embed', async () => {
  expect((await get(scene.shop, 'web', 'admin', 'embed=x')).body.errors[0].code).toBe(10005);
});

test('401 without a credential', async () => {
  expect((await get(scene.shop, 'web', 'anonymous')).status).toBe(401);
});

test('403 without the scope to read', async () => {
  const { token: poor } = await token(portolan, { scopes: ['services:write'] });
  const path = { guid: scene.shop, type: 'web' };
  expect((await portolan.call('getAppProcess', { path, token: poor })).status).toBe(403);
});

describe('404', () => {
  test('another type', async () => {
    expect(problem(await get(scene.shop, 'worker'))).toEqual([404, 10010, 'Process not found']);
  });

  test('another app', async () => {
    expect(problem(await get('no-uuid', 'worker'))).toEqual([404, 10010, 'App not found']);
  });

  test('outside of what a token reaches', async () => {
    expect(problem(await get(scene.shop, 'worker', 'outside'))).toEqual([404, 10010, 'App not found']);
  });
});
