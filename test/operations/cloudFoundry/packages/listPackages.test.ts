import { uuidv7 } from 'uuidv7';
import { appIn, type Callers, callersOf, packageRow } from '../../../support/droplets';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;
let other: string;
let app: string;
let callers: Callers;
/** As they came. */
const packages: string[] = [];
beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  [space, other] = [await environment(portolan), await environment(portolan)];
  app = await appIn(portolan, space);
  callers = await callersOf(portolan, [space], await environment(portolan));
  const at = (second: number) => `2026-03-01T08:00:0${second}Z`;
  const times = (created: number, updated: number) => ({ created_at: at(created), updated_at: at(updated) });
  packages.push(await packageRow(portolan, app, { ...times(3, 9), username: 'robot', password_sealed: 'v1.sealed' }));
  packages.push(await packageRow(portolan, await appIn(portolan, space), times(1, 8)));
  packages.push(await packageRow(portolan, await appIn(portolan, other), times(2, 7)));
  await portolan.sql(`insert into labels values ('package', $1, '', 'tier', 'web')`, [packages[0]]);
});
afterAll(() => portolan.close());

const list = (query: Record<string, string> | string = {}, credential: string | null = callers.admin) =>
  portolan.call('listPackages', { query, token: credential });
const found = async (query: Record<string, string> = {}, credential: string | null = callers.admin) => {
  const { status, body } = await list(query, credential);
  expect(status).toBe(200);
  expect(body.pagination.total_results).toBe(body.resources.length);
  return body.resources.map(({ guid }: { guid: string }) => packages.indexOf(guid));
};

describe('200', () => {
  test('lists what came first first, without passwords', async () => {
    expect(await found()).toEqual([0, 1, 2]);
    const { body, text } = await list();
    expect(body.resources[0].data).toMatchObject({ username: 'robot', password: '***' });
    expect(text).not.toContain('sealed');
  });

  test.each(['developer', 'supporter', 'viewer', 'reader'] as const)('tells the %s of its spaces', async (caller) => {
    expect(await found({}, callers[caller])).toEqual([0, 1]);
    expect(await found({ space_guids: other }, callers[caller])).toEqual([]);
  });

  test('is empty for whoever reaches nothing', async () => {
    expect(await found({}, callers.outside)).toEqual([]);
  });

  test('filters', async () => {
    const organization = (await portolan.sql('select id from installation'))[0].id;
    expect(await found({ guids: `${packages[2]},${packages[0]},x` })).toEqual([0, 2]);
    expect(await found({ states: 'READY' })).toEqual([0, 1, 2]);
    expect(await found({ states: 'AWAITING_UPLOAD,FAILED' })).toEqual([]);
    expect(await found({ types: 'bits,docker' })).toEqual([0, 1, 2]);
    expect(await found({ types: 'bits' })).toEqual([]);
    expect(await found({ app_guids: app })).toEqual([0]);
    expect(await found({ space_guids: other })).toEqual([2]);
    expect(await found({ organization_guids: organization })).toEqual([0, 1, 2]);
    expect(await found({ organization_guids: uuidv7() })).toEqual([]);
    expect(await found({ label_selector: 'tier in (web,worker)' })).toEqual([0]);
    expect(await found({ 'created_ats[gt]': '2026-03-01T08:00:01Z' })).toEqual([0, 2]);
    expect(await found({ updated_ats: '2026-03-01T08:00:08Z' })).toEqual([1]);
  });

  test('orders, and leads from page to page', async () => {
    expect(await found({ order_by: '-created_at' })).toEqual([0, 2, 1]);
    expect(await found({ order_by: '+updated_at' })).toEqual([2, 1, 0]);
    const { body } = await list({ per_page: '2', types: 'docker' });
    const href = (page: number) => `https://portolan.example/v3/packages?page=${page}&per_page=2&types=docker`;
    expect(body.pagination).toMatchObject({ total_results: 3, total_pages: 2, next: { href: href(2) }, previous: null });
  });
});

test.each(['page=0', 'names=x', 'order_by=state', 'label_selector=%20', 'include=app', 'package_guids=x'])(
  '400 for %s',
  async (query) => {
    expect((await list(query)).body.errors[0].code).toBe(10005);
  },
);

test('401 without credential', async () => {
  expect((await list({}, null)).status).toBe(401);
});

test('403 without the scope to read', async () => {
  const blind = await token(portolan, { role: 'operator', scopes: ['droplets:write'] });
  expect((await list('page=0', blind.token)).body.errors[0].code).toBe(10003);
});
