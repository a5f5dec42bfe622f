import { uuidv7 } from 'uuidv7';
import { appIn, type Callers, callersOf, dropletRow, makeCurrent } from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let app: string;
let callers: Callers;
let current: string;
let failed: string;

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  const space = await environment(portolan);
  app = await appIn(portolan, space);
  callers = await callersOf(portolan, [space], await environment(portolan));
  current = await dropletRow(portolan, app);
  failed = await dropletRow(portolan, app, { state: 'FAILED' });
  await dropletRow(portolan, app, { state: 'STAGING' });
  await dropletRow(portolan, await appIn(portolan, space));
  await makeCurrent(portolan, current);
  await portolan.sql(`insert into labels values ('droplet', $1, '', 'tier', 'web')`, [current]);
});
afterAll(() => portolan.close());

const list = (query: Record<string, string> | string = {}, credential = callers.admin, guid = app) =>
  portolan.call('listAppDroplets', { path: { guid }, query, token: credential });
const found = async (query: Record<string, string> = {}) => {
  const { body } = await list(query);
  expect(body.pagination.total_results).toBe(body.resources.length);
  return body.resources.map(({ guid }: { guid: string }) => guid);
};

describe('200', () => {
  test.each(['admin', 'reader', 'developer', 'supporter', 'viewer'] as const)('for the %s', async (caller) => {
    const { status, body } = await list({}, callers[caller]);
    expect(status).toBe(200);
    expect(body.resources.map(({ guid }: { guid: string }) => guid)).toEqual([current, failed]);
    expect(body.resources[0].execution_metadata).toBe('[PRIVATE DATA HIDDEN IN LISTS]');
    expect(body.pagination.first.href).toBe(`https://portolan.example/v3/apps/${app}/droplets?page=1&per_page=50`);
  });

  test('filters', async () => {
    expect(await found({ states: 'FAILED' })).toEqual([failed]);
    expect(await found({ guids: `${failed},${uuidv7()}` })).toEqual([failed]);
    expect(await found({ label_selector: 'tier in (web,worker)' })).toEqual([current]);
    expect(await found({ 'created_ats[lt]': '2020-01-01T00:00:00Z' })).toEqual([]);
  });

  test('with current=true: the current one, if the other filters take it', async () => {
    expect(await found({ current: 'true' })).toEqual([current]);
    expect(await found({ current: 'true', states: 'FAILED' })).toEqual([]);
    const { body } = await list({ current: 'true' });
    expect(body.pagination.first.href).toContain('?current=true&page=1&');
  });

  test('with current=true while nothing is', async () => {
    const [{ environment_id }] = await portolan.sql('select environment_id from services where id = $1', [app]);
    const bare = await appIn(portolan, environment_id);
    await dropletRow(portolan, bare);
    const { body } = await list({ current: 'true' }, callers.admin, bare);
    expect(body).toMatchObject({ pagination: { total_results: 0, total_pages: 1 }, resources: [] });
  });
});

describe('400', () => {
  test.each([
    ['current=false', 'true'],
    ['current=', 'true'],
    ['app_guids=x', "'app_guids'"],
    ['space_guids=x', "'space_guids'"],
    ['organization_guids=x', "'organization_guids'"],
    ['include=app', "'include'"],
    ['per_page=none', 'per page'],
  ])('for %s', async (query, name) => {
    const { status, body } = await list(query);
    expect([status, body.errors[0].code]).toEqual([400, 10005]);
    expect(body.errors[0].detail).toContain(name);
  });

  test('goes before an app that is missing', async () => {
    expect((await list('page=0', callers.admin, uuidv7())).status).toBe(400);
  });
});

describe('401', () => {
  test('without credential', async () => {
    expect((await list({}, null)).status).toBe(401);
  });
});

describe('403', () => {
  test('without the scope to read droplets', async () => {
    expect((await list({}, callers.imageOnly)).body.errors[0].code).toBe(10003);
  });
});

describe('404', () => {
  test.each([uuidv7(), 'nothing'])('for the app %s', async (guid) => {
    expect((await list({}, callers.admin, guid)).body.errors[0]).toMatchObject({ code: 10010, detail: 'App not found' });
  });

  test('for an app that cannot be seen', async () => {
    expect((await list({}, callers.outside)).body.errors[0].detail).toBe('App not found');
  });
});
