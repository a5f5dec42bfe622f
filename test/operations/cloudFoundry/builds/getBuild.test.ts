import { uuidv7 } from 'uuidv7';
import { appIn, buildRow, type Callers, callersOf, dropletRow, packageRow } from '../../../support/droplets';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let app: string;
let source: string;
let callers: Callers;
beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  const space = await environment(portolan);
  app = await appIn(portolan, space);
  source = await packageRow(portolan, app);
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());
const get = (guid: string, credential = callers.developer) => portolan.call('getBuild', { path: { guid }, token: credential });
const build = (columns: object = {}) => buildRow(portolan, app, source, { ...columns });

describe('200', () => {
  test.each(['admin', 'reader', 'developer', 'supporter', 'viewer'] as const)('for the %s', async (caller) => {
    const droplet = await dropletRow(portolan, app);
    const guid = await build({ droplet_id: droplet });
    const { status, body } = await get(guid, callers[caller]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ guid, state: 'STAGED', droplet: { guid: droplet }, package: { guid: source } });
    expect(body.created_by).toMatchObject({ name: 'Ada', email: 'ada@example.com' });
    expect(body.links.droplet).toEqual({ href: `https://portolan.example/v3/droplets/${droplet}` });
  });

  test.each([
    ['STAGING', null],
    ['FAILED', 'StagingError - not_found: gone'],
  ])('%s', async (state, error) => {
    const droplet = await dropletRow(portolan, app, { state });
    const { body } = await get(await build({ state, error, droplet_id: droplet }));
    expect(body).toMatchObject({ state, error, droplet: state === 'STAGING' ? null : { guid: droplet } });
  });

  test('without droplet and package, once those are gone', async () => {
    const gone = await packageRow(portolan, app);
    const droplet = await dropletRow(portolan, app);
    const guid = await build({ package_id: gone, droplet_id: droplet });
    await portolan.sql('delete from packages where id = $1', [gone]);
    await portolan.sql('delete from droplets where id = $1', [droplet]);
    const { body } = await get(guid);
    expect(body).toMatchObject({ state: 'STAGED', droplet: null, package: { guid: gone } });
    expect(body.links.droplet).toBeUndefined();
  });
});

test('401 without credential', async () => {
  expect((await get(uuidv7(), null)).status).toBe(401);
});

test('403 without the scope to read', async () => {
  const blind = await token(portolan, { role: 'operator', scopes: ['droplets:write'] });
  expect((await get(uuidv7(), blind.token)).body.errors[0].code).toBe(10003);
});

test('404 for one that is missing or cannot be seen', async () => {
  for (const answer of [await get(uuidv7()), await get('nothing'), await get(await build(), callers.outside)]) {
    expect([answer.status, answer.body.errors[0].detail]).toEqual([404, 'Build not found']);
  }
});
