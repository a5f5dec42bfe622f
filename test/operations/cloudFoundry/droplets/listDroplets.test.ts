import { uuidv7 } from 'uuidv7';
import { appIn, builtDroplet, type Callers, callersOf, dropletRow } from '../../../support/droplets';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;
let other: string;
let app: string;
let callers: Callers;
/** As they came. */
const droplets: string[] = [];

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  space = await environment(portolan);
  other = await environment(portolan);
  app = await appIn(portolan, space);
  callers = await callersOf(portolan, [space], await environment(portolan));
  const at = (second: number) => `2026-03-01T08:00:0${second}Z`;
  const times = (created: number, updated: number) => ({ created_at: at(created), updated_at: at(updated) });
  droplets.push(await dropletRow(portolan, app, times(3, 9)));
  droplets.push(await dropletRow(portolan, app, { ...times(1, 8), state: 'FAILED', error: 'StagingError - no', image: null }));
  droplets.push(await dropletRow(portolan, await appIn(portolan, space), times(2, 7)));
  droplets.push(await dropletRow(portolan, await appIn(portolan, other), times(4, 6)));
  await dropletRow(portolan, app, { state: 'STAGING', image: null });
  await portolan.sql(`insert into labels values ('droplet', $1, '', 'tier', 'web'), ('droplet', $2, 'a.io', 'tier', 'web')`, [
    droplets[0],
    droplets[2],
  ]);
});
afterAll(() => portolan.close());

const list = (query: Record<string, string> | string = {}, credential = callers.admin) =>
  portolan.call('listDroplets', { query, token: credential });
const found = async (query: Record<string, string> | string = {}, credential = callers.admin) => {
  const { status, body } = await list(query, credential);
  expect(status).toBe(200);
  expect(body.pagination.total_results).toBe(body.resources.length);
  return body.resources.map(({ guid }: { guid: string }) => droplets.indexOf(guid));
};

describe('200', () => {
  test('lists what came first first, of all spaces, without those that are being staged', async () => {
    expect(await found()).toEqual([0, 1, 2, 3]);
    expect(await found({ states: 'STAGING' })).toEqual([]);
  });

  test.each(['developer', 'supporter', 'viewer', 'reader'] as const)(
    'tells the %s of the spaces that it reaches',
    async (caller) => {
      expect(await found({}, callers[caller])).toEqual([0, 1, 2]);
      expect(await found({ space_guids: other }, callers[caller])).toEqual([]);
      expect(await found({ guids: droplets[3] as string }, callers[caller])).toEqual([]);
    },
  );

  test('is empty for whoever reaches nothing', async () => {
    const { body } = await list({}, callers.outside);
    expect(body).toMatchObject({ pagination: { total_results: 0, total_pages: 1, next: null, previous: null }, resources: [] });
  });

  test.each(['admin', 'reader', 'developer', 'viewer'] as const)(
    'hides start data from the %s, and not the image',
    async (caller) => {
      const { body } = await list({ guids: droplets[0] as string }, callers[caller]);
      const hidden = '[PRIVATE DATA HIDDEN IN LISTS]';
      expect(body.resources).toMatchObject([{ image: expect.stringContaining('ghcr.io'), execution_metadata: hidden }]);
      expect(body.resources[0].process_types).toEqual({ redacted_message: hidden });
    },
  );

  test('filters', async () => {
    const organization = (await portolan.sql('select id from installation'))[0].id;
    expect(await found({ guids: `${droplets[2]}, ${droplets[0]},nothing` })).toEqual([0, 2]);
    expect(await found({ states: 'FAILED,EXPIRED' })).toEqual([1]);
    expect(await found({ app_guids: app })).toEqual([0, 1]);
    expect(await found({ app_guids: app, states: 'STAGED' })).toEqual([0]);
    expect(await found({ space_guids: other })).toEqual([3]);
    expect(await found({ organization_guids: organization })).toEqual([0, 1, 2, 3]);
    expect(await found({ organization_guids: uuidv7() })).toEqual([]);
    expect(await found({ label_selector: 'tier=web' })).toEqual([0]);
    expect(await found({ label_selector: '!tier' })).toEqual([1, 2, 3]);
    expect(await found({ created_ats: '2026-03-01T08:00:02Z' })).toEqual([2]);
    expect(await found({ 'created_ats[gt]': '2026-03-01T08:00:02Z' })).toEqual([0, 3]);
    expect(await found({ 'updated_ats[lte]': '2026-03-01T08:00:07Z' })).toEqual([2, 3]);
  });

  test('orders', async () => {
    expect(await found({ order_by: 'created_at' })).toEqual([1, 2, 0, 3]);
    expect(await found({ order_by: '-updated_at' })).toEqual([0, 1, 2, 3]);
  });

  test('leads from page to page', async () => {
    const { body } = await list({ per_page: '3', order_by: '-created_at', states: 'STAGED,FAILED' });
    const href = (page: number) =>
      `https://portolan.example/v3/droplets?order_by=-created_at&page=${page}&per_page=3&states=STAGED%2CFAILED`;
    expect(body.pagination).toEqual({
      total_results: 4,
      total_pages: 2,
      first: { href: href(1) },
      last: { href: href(2) },
      next: { href: href(2) },
      previous: null,
    });
    const past = await list({ per_page: '3', page: '9' });
    expect(past.body).toMatchObject({ pagination: { total_results: 4, total_pages: 2, next: null }, resources: [] });
    expect(past.body.pagination.previous.href).toContain('page=2&');
  });
});

describe('400', () => {
  test.each([
    ['page=0', 'page'],
    ['per_page=5001', 'per page'],
    ['order_by=name', 'order_by'],
    ['current=true', "'current'"],
    ['include=app', "'include'"],
    ['fields=guid', "'fields'"],
    ['names=x', "'names'"],
    ['label_selector=a%20b', 'invalid'],
    ['created_ats=yesterday', 'created_ats'],
  ])('for %s', async (query, name) => {
    const { status, body } = await list(query);
    expect([status, body.errors[0].code]).toEqual([400, 10005]);
    expect(body.errors[0].detail).toContain(name);
  });
});

describe('401', () => {
  test('without credential', async () => {
    expect((await list({}, null)).status).toBe(401);
  });
});

describe('403', () => {
  test('without the scope to read droplets, before the query is looked at', async () => {
    const blind = await token(portolan, { role: 'operator', scopes: ['droplets:write'] });
    expect((await list('page=0', blind.token)).body.errors[0].code).toBe(10003);
  });
});

test('what a build made is listed with its image', async () => {
  const own = await appIn(portolan, other);
  const { id, image } = await builtDroplet(portolan, own);
  expect((await list({ app_guids: own })).body.resources).toMatchObject([{ guid: id, image }]);
});
