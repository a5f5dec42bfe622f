import type { Caller } from '../../../support/droplets';
import { token } from '../../../support/fixtures';
import { type Answered, type Portolan, startPortolan } from '../../../support/portolan';
import { type Scene, sceneOfProcesses } from './processesOfTests';

let portolan: Portolan;
let scene: Scene;
const url = 'https://portolan.example';

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: url });
  scene = await sceneOfProcesses(portolan);
});
afterAll(() => portolan.close());

const get = (guid: string, caller: Caller = 'admin', query = '') =>
  portolan.call('listProcessSidecars', { path: { guid }, token: scene.callers[caller], query });
const problem = ({ status, body }: Answered) => [status, body.errors[0].code, body.errors[0].detail];

test('200: an empty page', async () => {
  const page = { href: `${url}/v3/processes/${scene.shop}/sidecars?page=1&per_page=20` };
  expect((await get(scene.shop, 'viewer', 'per_page=20')).body).toEqual({
    pagination: { total_results: 0, total_pages: 1, first: page, last: page, next: null, previous: null },
    resources: [],
  });
});

test.each(['per_page=0', 'page=x', 'names=a', 'order_by=name'])('400 for %s, before any lookup', async (query) => {
  expect((await get('no-uuid', 'admin', query)).body.errors[0].code).toBe(10005);
});

test('401 without a credential', async () => {
  expect((await get(scene.shop, 'anonymous')).status).toBe(401);
});

test('403 without the scope to read', async () => {
  const { token: poor } = await token(portolan, { scopes: ['services:write'] });
  const guid = scene.shop;
  expect((await portolan.call('listProcessSidecars', { path: { guid }, token: poor })).status).toBe(403);
});

describe('404', () => {
  test.each(['01920000-0000-7000-8000-000000000000', 'no-uuid'])('%s', async (guid) => {
    expect(problem(await get(guid))).toEqual([404, 10010, 'Process not found']);
  });

  test('outside of what a token reaches', async () => {
    expect(problem(await get(scene.shop, 'outside'))).toEqual([404, 10010, 'Process not found']);
  });
});
