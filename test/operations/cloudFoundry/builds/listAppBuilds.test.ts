import { uuidv7 } from 'uuidv7';
import { appIn, buildRow, type Callers, callersOf, packageRow } from '../../../support/droplets';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let app: string;
let source: string;
let callers: Callers;
const builds: string[] = [];
beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  const space = await environment(portolan);
  app = await appIn(portolan, space);
  source = await packageRow(portolan, app);
  callers = await callersOf(portolan, [space], await environment(portolan));
  builds.push(await buildRow(portolan, app, source));
  builds.push(await buildRow(portolan, app, await packageRow(portolan, app), { state: 'FAILED' }));
  const other = await appIn(portolan, space);
  await buildRow(portolan, other, await packageRow(portolan, other));
});
afterAll(() => portolan.close());
const list = (query: Record<string, string> | string = {}, credential: string | null = callers.admin, guid = app) =>
  portolan.call('listAppBuilds', { path: { guid }, query, token: credential });

describe('200', () => {
  test.each(['admin', 'reader', 'developer', 'supporter', 'viewer'] as const)('for the %s: those of the app', async (caller) => {
    const { status, body } = await list({}, callers[caller]);
    expect(status).toBe(200);
    expect(body.resources.map(({ guid }: { guid: string }) => guid)).toEqual(builds);
    expect(body.pagination.last.href).toBe(`https://portolan.example/v3/apps/${app}/builds?page=1&per_page=50`);
  });

  test('filters', async () => {
    const guids = async (query: Record<string, string>) =>
      (await list(query)).body.resources.map(({ guid }: { guid: string }) => guid);
    expect(await guids({ package_guids: source })).toEqual([builds[0]]);
    expect(await guids({ states: 'FAILED' })).toEqual([builds[1]]);
  });
});

test.each(['app_guids=x', 'per_page=0'])('400 for %s, before the app', async (query) => {
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
