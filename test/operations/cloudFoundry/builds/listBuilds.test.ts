import { appIn, buildRow, type Callers, callersOf, dropletRow, packageRow } from '../../../support/droplets';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let app: string;
let source: string;
let callers: Callers;
/** As they came. */
const builds: string[] = [];
beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  const [space, other] = [await environment(portolan), await environment(portolan)];
  app = await appIn(portolan, space);
  source = await packageRow(portolan, app);
  callers = await callersOf(portolan, [space], await environment(portolan));
  const at = (second: number) => ({ created_at: `2026-03-01T08:00:0${second}Z`, updated_at: `2026-03-01T08:00:0${9 - second}Z` });
  const elsewhere = await appIn(portolan, other);
  builds.push(await buildRow(portolan, app, source, { ...at(2), droplet_id: await dropletRow(portolan, app) }));
  builds.push(await buildRow(portolan, app, await packageRow(portolan, app), { ...at(1), state: 'STAGING' }));
  builds.push(await buildRow(portolan, elsewhere, await packageRow(portolan, elsewhere), { ...at(3), state: 'FAILED' }));
  await portolan.sql(`insert into labels values ('build', $1, '', 'by', 'ci')`, [builds[1]]);
});
afterAll(() => portolan.close());

const list = (query: Record<string, string> | string = {}, credential: string | null = callers.admin) =>
  portolan.call('listBuilds', { query, token: credential });
const found = async (query: Record<string, string> = {}, credential: string | null = callers.admin) => {
  const { status, body } = await list(query, credential);
  expect(status).toBe(200);
  expect(body.pagination.total_results).toBe(body.resources.length);
  return body.resources.map(({ guid }: { guid: string }) => builds.indexOf(guid));
};

describe('200', () => {
  test('lists what came first first, also what runs', async () => {
    expect(await found()).toEqual([0, 1, 2]);
    const { body } = await list();
    expect(body.resources.map(({ state }: { state: string }) => state)).toEqual(['STAGED', 'STAGING', 'FAILED']);
    expect(body.pagination.first.href).toBe('https://portolan.example/v3/builds?page=1&per_page=50');
  });

  test.each(['developer', 'supporter', 'viewer', 'reader'] as const)('tells the %s of its spaces', async (caller) => {
    expect(await found({}, callers[caller])).toEqual([0, 1]);
    expect(await found({ guids: builds[2] as string }, callers[caller])).toEqual([]);
  });

  test('is empty for whoever reaches nothing', async () => {
    expect(await found({}, callers.outside)).toEqual([]);
  });

  test('filters and orders', async () => {
    expect(await found({ app_guids: app })).toEqual([0, 1]);
    expect(await found({ package_guids: source })).toEqual([0]);
    expect(await found({ states: 'FAILED,STAGED' })).toEqual([0, 2]);
    expect(await found({ guids: `${builds[1]},x` })).toEqual([1]);
    expect(await found({ label_selector: 'by=ci' })).toEqual([1]);
    expect(await found({ 'created_ats[lte]': '2026-03-01T08:00:02Z' })).toEqual([0, 1]);
    expect(await found({ order_by: 'created_at' })).toEqual([1, 0, 2]);
    expect(await found({ order_by: 'updated_at' })).toEqual([2, 0, 1]);
  });
});

test.each(['page=x', 'space_guids=x', 'types=docker', 'order_by=name', 'created_ats=1'])('400 for %s', async (query) => {
  expect((await list(query)).body.errors[0].code).toBe(10005);
});

test('401 without credential', async () => {
  expect((await list({}, null)).status).toBe(401);
});

test('403 without the scope to read', async () => {
  const blind = await token(portolan, { role: 'operator', scopes: ['droplets:write'] });
  expect((await list('page=0', blind.token)).body.errors[0].code).toBe(10003);
});
