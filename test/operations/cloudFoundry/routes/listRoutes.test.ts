import { token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { codeOfV3, problemOfV3 } from '../../../support/v3Problem';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const list = (query: string, more = {}) => portolan.call('listRoutes', { query, ...more });

test('200: an empty page, whatever is filtered by', async () => {
  const { body } = await list('app_guids=a,b&hosts=www&page=2&per_page=5000');
  expect(body.resources).toEqual([]);
  const href = (page: number) => `${portolan.url}/v3/routes?app_guids=a%2Cb&hosts=www&page=${page}&per_page=5000`;
  expect(body.pagination).toEqual({
    total_results: 0,
    total_pages: 1,
    first: { href: href(1) },
    last: { href: href(1) },
    next: null,
    previous: { href: href(1) },
  });
});

test('400 for a query that is not understood', async () => {
  expect(problemOfV3(await list('colour=red'))).toEqual([400, 10005, expect.stringContaining("'colour'")]);
});

test('401 without a credential', async () => {
  expect(problemOfV3(await list('', { token: null }))).toEqual([401, 10002, 'Authentication error']);
});

test('403 for a token without droplets:read', async () => {
  const { token: bearer } = await token(portolan, { scopes: ['services:read'] });
  expect(codeOfV3(await list('', { token: bearer }))).toEqual([403, 10003]);
});
