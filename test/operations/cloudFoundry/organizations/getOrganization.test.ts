import { uuidv7 } from 'uuidv7';
import { token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { codeOfV3, problemOfV3 } from '../../../support/v3Problem';

let portolan: Portolan;
let guid: string;
beforeAll(async () => {
  portolan = await startPortolan();
  [{ id: guid }] = (await portolan.sql('select id from installation')) as [{ id: string }];
});
afterAll(() => portolan.close());

const get = (id: string, more = {}) => portolan.call('getOrganization', { path: { guid: id }, ...more });

describe('200', () => {
  test('the installation, as lists show it', async () => {
    const { status, body } = await get(guid);
    expect(status).toBe(200);
    expect([body]).toEqual((await portolan.call('listOrganizations')).body.resources);
    expect(body.name).toBe('portolan');
  });

  test('for whoever is signed in; query keys are ignored', async () => {
    const { token: bearer } = await token(portolan, { role: 'viewer', environments: [] });
    expect((await get(guid, { token: bearer, query: 'colour=red' })).status).toBe(200);
  });
});

test('401 without a credential', async () => {
  expect(problemOfV3(await get(guid, { token: null }))).toEqual([401, 10002, 'Authentication error']);
});

test('403 for a token without droplets:read, also of what is not there', async () => {
  const { token: bearer } = await token(portolan, { scopes: ['environments:read'] });
  expect(codeOfV3(await get('x', { token: bearer }))).toEqual([403, 10003]);
});

test.each([uuidv7(), 'x', "' or 1=1 --", 'ä'.repeat(200)])('404 for %s', async (id) => {
  expect(problemOfV3(await get(id))).toEqual([404, 10010, 'Organization not found']);
});
