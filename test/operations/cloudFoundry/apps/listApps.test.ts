import { service } from '../../../support/catalogue';
import { appIn, type Caller, type Callers, callersOf } from '../../../support/droplets';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;
let other: string;
let apps: Record<'shop' | 'blog' | 'mail', string>;
let callers: Callers;
const url = 'https://portolan.example';

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: url });
  [space, other] = [await environment(portolan), await environment(portolan)];
  apps = {
    shop: await appIn(portolan, space, { name: 'shop, the', created_at: '2026-03-01T08:00:00Z' }),
    blog: await appIn(portolan, space, { name: 'blog', desired_state: 'stopped', created_at: '2026-03-02T08:00:00Z' }),
    mail: await appIn(portolan, other, { name: 'mail', created_at: '2026-03-03T08:00:00Z' }),
  };
  for (const [id, value] of [
    [apps.shop, 'web'],
    [apps.mail, 'worker'],
  ]) {
    await portolan.sql("insert into labels values ('app', $1, '', 'tier', $2)", [id, value]);
  }
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());

const list = (query = '', caller: Caller = 'admin') => portolan.call('listApps', { query, token: callers[caller] });
const names = async (query: string, caller: Caller = 'admin') =>
  (await list(query, caller)).body.resources.map(
    ({ guid }: { guid: string }) => Object.entries(apps).find(([, id]) => id === guid)?.[0],
  );

describe('200', () => {
  test('apps as they came, each as getApp tells it', async () => {
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(body.resources.map((app: any) => app.guid)).toEqual([apps.shop, apps.blog, apps.mail]);
    expect(body.resources[0]).toEqual((await portolan.call('getApp', { path: { guid: apps.shop } })).body);
    expect(body).not.toHaveProperty('included');
    const page = { href: `${url}/v3/apps?page=1&per_page=50` };
    expect(body.pagination).toEqual({ total_results: 3, total_pages: 1, first: page, last: page, next: null, previous: null });
  });

  test.each([
    ['names=blog', ['blog']],
    ['names=blog,mail', ['blog', 'mail']],
    ['names=shop%252C%20the', ['shop']],
    ['names=nobody', []],
    ['lifecycle_type=docker', ['shop', 'blog', 'mail']],
    ['lifecycle_type=buildpack', []],
    ['lifecycle_type=buildpack,docker', ['shop', 'blog', 'mail']],
    ['label_selector=tier', ['shop', 'mail']],
    ['label_selector=tier=web', ['shop']],
    ['label_selector=!tier', ['blog']],
    ['created_ats=2026-03-02T08:00:00Z', ['blog']],
    ['created_ats[gt]=2026-03-01T08:00:00Z&created_ats[lt]=2026-03-03T08:00:00Z', ['blog']],
    ['order_by=name', ['blog', 'mail', 'shop']],
    ['order_by=-name', ['shop', 'mail', 'blog']],
    ['order_by=-created_at', ['mail', 'blog', 'shop']],
    ['guids=no-uuid', []],
    ['names=blog&label_selector=tier', []],
    ['per_page=5000', ['shop', 'blog', 'mail']],
    ['page=2&per_page=2', ['mail']],
  ])('%s finds %s', async (query, found) => {
    expect(await names(query)).toEqual(found);
  });

  test('by guid, space and organization', async () => {
    expect(await names(`guids=${apps.mail},${apps.shop}`)).toEqual(['shop', 'mail']);
    expect(await names(`space_guids=${other}`)).toEqual(['mail']);
    const { body } = await list('include=space.organization');
    expect(await names(`organization_guids=${body.included.organizations[0].guid}`)).toEqual(['shop', 'blog', 'mail']);
    expect(await names(`organization_guids=${other}`)).toEqual([]);
  });

  test('ordered by state', async () => {
    expect((await names('order_by=state'))[2]).toBe('blog');
    expect((await names('order_by=-state'))[0]).toBe('blog');
  });

  test('with their spaces and the organization, each once', async () => {
    const { included } = (await list('include=space,space.organization')).body;
    expect(included.spaces.map((one: any) => one.guid).sort()).toEqual([space, other].sort());
    expect(included.organizations).toMatchObject([{ name: 'portolan', suspended: false }]);
    expect(included.spaces[0].relationships.organization.data.guid).toBe(included.organizations[0].guid);
  });

  test('with their spaces only', async () => {
    const { included } = (await list(`include=space&space_guids=${other}`)).body;
    expect(included).toMatchObject({ spaces: [{ guid: other }] });
    expect(included).not.toHaveProperty('organizations');
  });

  test('what no app on the page is in is not included', async () => {
    const { included } = (await list('include=space,space.organization&names=nobody')).body;
    expect(included).toEqual({ spaces: [], organizations: [] });
  });

  test.each(['reader', 'developer', 'supporter', 'viewer'] as const)(
    'the %s sees its space only, and counts nothing else',
    async (caller) => {
      expect(await names('', caller)).toEqual(['shop', 'blog']);
      const { body } = await list(`space_guids=${other}&include=space`, caller);
      expect([body.resources, body.pagination.total_results, body.included.spaces]).toEqual([[], 0, []]);
    },
  );

  test('whoever reaches other spaces only gets an empty page', async () => {
    const { body } = await list('', 'outside');
    expect([body.resources, body.pagination.total_results]).toEqual([[], 0]);
  });

  test('a service of /api is there at once', async () => {
    const envId = await environment(portolan);
    const { id } = await service(portolan, envId);
    const { body } = await list(`space_guids=${envId}`);
    expect(body.resources.map((app: any) => app.guid)).toEqual([id]);
    expect((await portolan.call('deleteService', { path: { id } })).status).toBe(204);
  });
});

test.each([
  ['per_page=5001', 'per page'],
  ['page=0', 'page'],
  ['order_by=size', 'order_by'],
  ['include=org', 'include'],
  ['states=STARTED', 'states'],
  ['label_selector=', 'label'],
  ['created_ats=yesterday', 'created_ats'],
])('400 for %s', async (query, named) => {
  const answer = await list(query);
  expect([answer.status, answer.body.errors[0].code]).toEqual([400, 10005]);
  expect(answer.body.errors[0].detail).toContain(named);
});

test('401 without a credential', async () => {
  expect((await list('', 'anonymous')).status).toBe(401);
});

test('403 without the scope to read', async () => {
  const { token: poor } = await token(portolan, { scopes: ['services:write'] });
  expect((await portolan.call('listApps', { token: poor })).status).toBe(403);
});
