import type { Caller } from '../../../support/droplets';
import { token } from '../../../support/fixtures';
import { type Answered, type Portolan, startPortolan } from '../../../support/portolan';
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
