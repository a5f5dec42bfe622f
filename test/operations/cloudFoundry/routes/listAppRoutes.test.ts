import { uuidv7 } from 'uuidv7';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { serviceRow } from '../../../support/rows';
import { codeOfV3, problemOfV3 } from '../../../support/v3Problem';

let portolan: Portolan;
let guid: string;
beforeAll(async () => {
  portolan = await startPortolan();
  guid = await serviceRow(portolan, await environment(portolan));
});
afterAll(() => portolan.close());

const list = (id: string, query = '', more = {}) => portolan.call('listAppRoutes', { path: { guid: id }, query, ...more });

test('200: an empty page', async () => {
  const { body } = await list(guid);
  expect(body).toMatchObject({
    pagination: { total_results: 0, first: { href: `${portolan.url}/v3/apps/${guid}/routes?page=1&per_page=50` } },
    resources: [],
  });
});

test('400 for a query that is not understood, also when there is no app', async () => {
  expect(problemOfV3(await list('x', 'app_guids=x'))).toEqual([400, 10005, expect.stringContaining("'app_guids'")]);
});

test('401 without a credential', async () => {
  expect(problemOfV3(await list(guid, '', { token: null }))).toEqual([401, 10002, 'Authentication error']);
});

test('403 for a token without droplets:read', async () => {
  const { token: bearer } = await token(portolan, { scopes: ['services:read'] });
  expect(codeOfV3(await list(guid, '', { token: bearer }))).toEqual([403, 10003]);
});

describe('404', () => {
  test.each([uuidv7(), 'x'])('%s', async (id) => {
    expect(problemOfV3(await list(id))).toEqual([404, 10010, 'App not found']);
  });

  test('an app that the token does not reach', async () => {
    const { token: bearer } = await token(portolan, { environments: [] });
    expect(problemOfV3(await list(guid, '', { token: bearer }))).toEqual([404, 10010, 'App not found']);
  });
});
