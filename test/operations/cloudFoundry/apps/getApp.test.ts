import { service } from '../../../support/catalogue';
import { appIn, type Caller, type Callers, callersOf, dropletRow, makeCurrent } from '../../../support/droplets';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;
let callers: Callers;
const url = 'https://portolan.example';

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: url });
  space = await environment(portolan);
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());

const get = (guid: string, caller: Caller = 'admin', query = '') =>
  portolan.call('getApp', { path: { guid }, token: callers[caller], query });

describe('200', () => {
  test('a service of /api is an app at once, with every key in its place', async () => {
    const { id, name, createdAt } = await service(portolan, space);
    const { status, body } = await get(id);
    expect(status).toBe(200);
    const app = `${url}/v3/apps/${id}`;
    const second = `${createdAt.slice(0, 19)}Z`;
    expect(body).toEqual({
      guid: id,
      created_at: second,
      updated_at: second,
      name,
      state: 'STARTED',
      lifecycle: { type: 'docker', data: {} },
      relationships: { space: { data: { guid: space } }, current_droplet: { data: { guid: null } } },
      metadata: { labels: {}, annotations: {} },
      links: {
        self: { href: app },
        space: { href: `${url}/v3/spaces/${space}` },
        processes: { href: `${app}/processes` },
        packages: { href: `${app}/packages` },
        current_droplet: { href: `${app}/droplets/current` },
        droplets: { href: `${app}/droplets` },
        start: { href: `${app}/actions/start`, method: 'POST' },
        stop: { href: `${app}/actions/stop`, method: 'POST' },
      },
    });
    expect(Object.keys(body).join()).toBe('guid,created_at,updated_at,name,state,lifecycle,relationships,metadata,links');
  });

  test('tells the current droplet, and that it is to be stopped', async () => {
    const id = await appIn(portolan, space, { desired_state: 'stopped' });
    const droplet = await dropletRow(portolan, id);
    await makeCurrent(portolan, droplet);
    const { body } = await get(id);
    expect([body.state, body.relationships.current_droplet]).toEqual(['STOPPED', { data: { guid: droplet } }]);
  });

  test.each(['reader', 'developer', 'supporter', 'viewer'] as const)('for the %s', async (caller) => {
    const id = await appIn(portolan, space);
    expect((await get(id, caller)).status).toBe(200);
  });

  test('query parameters are ignored', async () => {
    const id = await appIn(portolan, space);
    expect((await get(id, 'admin', 'nonsense=1')).status).toBe(200);
  });
});

test('401 without a credential', async () => {
  const answer = await get(await appIn(portolan, space), 'anonymous');
  expect([answer.status, answer.body.errors[0].code]).toEqual([401, 10002]);
});

test('403 without the scope to read', async () => {
  const { token: poor } = await token(portolan, { scopes: ['services:write'] });
  const answer = await portolan.call('getApp', { path: { guid: await appIn(portolan, space) }, token: poor });
  expect([answer.status, answer.body.errors[0].code]).toEqual([403, 10003]);
});

describe('404', () => {
  const notFound = [{ code: 10010, title: 'CF-ResourceNotFound', detail: 'App not found' }];

  test.each(['01920000-0000-7000-8000-000000000000', 'no-uuid', 'ümläut'])('%s', async (guid) => {
    const answer = await get(guid);
    expect([answer.status, answer.body.errors]).toEqual([404, notFound]);
  });

  test('outside of what a token reaches', async () => {
    const answer = await get(await appIn(portolan, space), 'outside');
    expect([answer.status, answer.body.errors]).toEqual([404, notFound]);
  });
});
