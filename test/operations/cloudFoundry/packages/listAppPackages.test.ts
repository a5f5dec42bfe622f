import { uuidv7 } from 'uuidv7';
import { appIn, type Callers, callersOf, packageRow } from '../../../support/droplets';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let app: string;
let callers: Callers;
const packages: string[] = [];
beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  const space = await environment(portolan);
  app = await appIn(portolan, space);
  callers = await callersOf(portolan, [space], await environment(portolan));
  packages.push(await packageRow(portolan, app), await packageRow(portolan, app));
  await packageRow(portolan, await appIn(portolan, space));
});
afterAll(() => portolan.close());
const list = (query: Record<string, string> | string = {}, credential: string | null = callers.admin, guid = app) =>
  portolan.call('listAppPackages', { path: { guid }, query, token: credential });

describe('200', () => {
  test.each(['admin', 'reader', 'developer', 'supporter', 'viewer'] as const)('for the %s: those of the app', async (caller) => {
    const { status, body } = await list({}, callers[caller]);
    expect(status).toBe(200);
    expect(body.resources.map(({ guid }: { guid: string }) => guid)).toEqual(packages);
    expect(body.pagination.first.href).toBe(`https://portolan.example/v3/apps/${app}/packages?page=1&per_page=50`);
  });

  test('filters', async () => {
    const { body } = await list({ guids: packages[1] as string, states: 'READY', types: 'docker' });
    expect(body.resources.map(({ guid }: { guid: string }) => guid)).toEqual([packages[1]]);
    expect((await list({ label_selector: 'tier' })).body.pagination.total_results).toBe(0);
  });
});

test.each(['app_guids=x', 'space_guids=x', 'per_page=5001'])('400 for %s, before the app', async (query) => {
  expect((await list(query, callers.admin, uuidv7())).body.errors[0].code).toBe(10005);
});

test('401 without credential', async () => {
  expect((await list({}, null)).status).toBe(401);
});

test('403 without the scope to read', async () => {
  const blind = await token(portolan, { role: 'operator', scopes: ['droplets:write'] });
  expect((await list({}, blind.token)).status).toBe(403);
});

test('404 for an app that is missing or cannot be seen', async () => {
  for (const answer of [await list({}, callers.admin, uuidv7()), await list({}, callers.outside)]) {
    expect([answer.status, answer.body.errors[0].detail]).toEqual([404, 'App not found']);
  }
});
