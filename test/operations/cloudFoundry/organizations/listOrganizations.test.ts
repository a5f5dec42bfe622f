import { token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { codeOfV3, problemOfV3 } from '../../../support/v3Problem';

let portolan: Portolan;
let guid: string;
beforeAll(async () => {
  portolan = await startPortolan({ PORTOLAN_ORG_NAME: 'acme, inc' });
  [{ id: guid }] = (await portolan.sql('select id from installation')) as [{ id: string }];
  await portolan.sql(`update installation set created_at = '2026-03-01T08:00:00Z', updated_at = '2026-03-01T08:00:05.999Z'`);
  await portolan.sql(
    `insert into labels (resource_type, resource_id, prefix, name, value) values ('organization', $1, '', 'region', 'north')`,
    [guid],
  );
});
afterAll(() => portolan.close());

const list = (query: string, more = {}) => portolan.call('listOrganizations', { query, ...more });

describe('200', () => {
  test('the installation, as the one organization', async () => {
    const { status, body } = await list('');
    expect(status).toBe(200);
    expect(body).toEqual({
      pagination: {
        total_results: 1,
        total_pages: 1,
        first: { href: `${portolan.url}/v3/organizations?page=1&per_page=50` },
        last: { href: `${portolan.url}/v3/organizations?page=1&per_page=50` },
        next: null,
        previous: null,
      },
      resources: [
        {
          guid,
          created_at: '2026-03-01T08:00:00Z',
          updated_at: '2026-03-01T08:00:05Z',
          name: 'acme, inc',
          suspended: false,
          relationships: { quota: { data: null } },
          metadata: { labels: { region: 'north' }, annotations: {} },
          links: { self: { href: `${portolan.url}/v3/organizations/${guid}` } },
        },
      ],
    });
  });

  test.each([
    ['names=acme%252C%20inc', 1],
    ['names=acme,inc', 0],
    ['names=other,acme%252c%2520inc', 1],
    ['order_by=name', 1],
    ['order_by=-created_at', 1],
    ['label_selector=region%3Dnorth', 1],
    ['label_selector=region!%3Dnorth', 0],
    ['created_ats=2026-03-01T08:00:00Z', 1],
    ['updated_ats=2026-03-01T08:00:05Z', 1],
    ['updated_ats[gt]=2026-03-01T08:00:05Z', 0],
    ['guids=x', 0],
  ])('%s finds %d', async (query, found) => {
    const { body } = await list(query);
    expect([body.pagination.total_results, body.resources.length]).toEqual([found, found]);
  });

  test('by its guid', async () => {
    expect((await list(`guids=x,${guid}`)).body.resources).toHaveLength(1);
  });

  test('behind the end the total stays', async () => {
    const { body } = await list('page=3&per_page=1&order_by=name');
    expect(body.resources).toEqual([]);
    expect(body.pagination).toMatchObject({
      total_results: 1,
      total_pages: 1,
      next: null,
      previous: { href: `${portolan.url}/v3/organizations?order_by=%2Bname&page=1&per_page=1` },
    });
  });

  test.each(['viewer', 'operator'] as const)('a %s of no environment sees it', async (role) => {
    const { token: bearer } = await token(portolan, { role, environments: [] });
    expect((await list('', { token: bearer })).body.pagination.total_results).toBe(1);
  });
});

describe('400', () => {
  test.each([
    ['per_page=0', 'per page'],
    ['space_guids=x', "'space_guids'"],
    ['order_by=state', "'created_at', 'updated_at', 'name'"],
    ['label_selector=', 'missing'],
  ])('%s', async (query, told) => {
    expect(problemOfV3(await list(query))).toEqual([400, 10005, expect.stringContaining(told)]);
  });
});

test('401 without a credential', async () => {
  expect(problemOfV3(await list('', { token: null }))).toEqual([401, 10002, 'Authentication error']);
});

test('403 for a token without droplets:read, also when the query is bad', async () => {
  const { token: bearer } = await token(portolan, { scopes: ['services:read'] });
  expect(codeOfV3(await list('per_page=0', { token: bearer }))).toEqual([403, 10003]);
});
