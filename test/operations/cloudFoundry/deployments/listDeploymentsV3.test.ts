import { token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { codeOfV3, problemOfV3 } from '../../../support/v3Problem';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const list = (query: string, more = {}) => portolan.call('listDeploymentsV3', { query, ...more });

test('200: an empty page, as clients ask for the deployment of an app', async () => {
  const query = 'app_guids=x&status_values=ACTIVE&order_by=-created_at&per_page=1&page=1';
  const { body } = await list(query);
  expect(body.resources).toEqual([]);
  expect(body.pagination).toMatchObject({
    total_results: 0,
    total_pages: 1,
    first: { href: `${portolan.url}/v3/deployments?app_guids=x&order_by=-created_at&page=1&per_page=1&status_values=ACTIVE` },
    next: null,
    previous: null,
  });
});

test.each(['states=x', 'status_reasons=DEPLOYING', 'guids=x', 'label_selector=a', 'created_ats[gt]=2026-03-01T08:00:00Z'])(
  '200: %s',
  async (query) => {
    expect((await list(query)).status).toBe(200);
  },
);

test('400 for a query that is not understood', async () => {
  expect(problemOfV3(await list('names=x'))).toEqual([400, 10005, expect.stringContaining("'names'")]);
});

test('401 without a credential', async () => {
  expect(problemOfV3(await list('', { token: null }))).toEqual([401, 10002, 'Authentication error']);
});

test('403 for a token without droplets:read', async () => {
  const { token: bearer } = await token(portolan, { scopes: ['deploys:read'] });
  expect(codeOfV3(await list('', { token: bearer }))).toEqual([403, 10003]);
});
