import { uuidv7 } from 'uuidv7';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { codeOfV3, problemOfV3 } from '../../../support/v3Problem';

let portolan: Portolan;
let guid: string;
beforeAll(async () => {
  portolan = await startPortolan();
  guid = await environment(portolan);
});
afterAll(() => portolan.close());

const get = (id: string, more = {}) => portolan.call('getSpace', { path: { guid: id }, ...more });

test('200: an environment, as lists show it; query keys are ignored', async () => {
  const { token: bearer } = await token(portolan, { role: 'viewer', environments: [guid] });
  const { status, body } = await get(guid, { token: bearer, query: 'include=x' });
  expect(status).toBe(200);
  expect([body]).toEqual((await portolan.call('listSpaces', { query: `guids=${guid}` })).body.resources);
});

test('200: what is created under /api is a space at once', async () => {
  const made = await portolan.call('createEnvironment', { body: { name: 'made-here' } });
  const { id, createdAt } = made.body.environment;
  const { body } = await get(id);
  expect(body).toMatchObject({ name: 'made-here', created_at: `${createdAt.slice(0, 19)}Z`, updated_at: body.created_at });
});

test('401 without a credential', async () => {
  expect(problemOfV3(await get(guid, { token: null }))).toEqual([401, 10002, 'Authentication error']);
});

test('403 for a token without droplets:read', async () => {
  const { token: bearer } = await token(portolan, { scopes: ['environments:read'] });
  expect(codeOfV3(await get(guid, { token: bearer }))).toEqual([403, 10003]);
});

describe('404', () => {
  test.each([uuidv7(), 'x', "' or 1=1 --"])('%s', async (id) => {
    expect(problemOfV3(await get(id))).toEqual([404, 10010, 'Space not found']);
  });

  test('a space that the token does not reach', async () => {
    const { token: bearer } = await token(portolan, { environments: [] });
    expect(problemOfV3(await get(guid, { token: bearer }))).toEqual([404, 10010, 'Space not found']);
  });
});
