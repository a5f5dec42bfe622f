import { uuidv7 } from 'uuidv7';
import { environment, token } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { codeOfV3, problemOfV3 } from '../../../support/v3Problem';

let portolan: Portolan;
let organization: string;
/** Made in this order. */
const names = ['north', 'east', 'south', 'west'];
let ids: string[];
beforeAll(async () => {
  portolan = await startPortolan();
  [{ id: organization }] = (await portolan.sql('select id from installation')) as [{ id: string }];
  await portolan.sql('delete from environments');
  ids = [];
  for (const name of names) ids.push(await environment(portolan, name));
  await portolan.sql(
    `insert into labels (resource_type, resource_id, name, value) values ('space', $1, 'tier', 'live'), ('space', $2, 'tier', 'trial')`,
    [ids[0], ids[1]],
  );
});
afterAll(() => portolan.close());

const list = (query: string, more = {}) => portolan.call('listSpaces', { query, ...more });
const named = ({ body }: { body: any }) => body.resources.map(({ name }: { name: string }) => name);

describe('200', () => {
  test('environments, in the order in which they were made', async () => {
    const { body } = await list('');
    expect(named({ body })).toEqual(names);
    expect(body.resources[0]).toEqual({
      guid: ids[0],
      created_at: expect.any(String),
      updated_at: expect.any(String),
      name: 'north',
      suspended: false,
      relationships: { organization: { data: { guid: organization } }, quota: { data: null } },
      metadata: { labels: { tier: 'live' }, annotations: {} },
      links: {
        self: { href: `${portolan.url}/v3/spaces/${ids[0]}` },
        organization: { href: `${portolan.url}/v3/organizations/${organization}` },
      },
    });
    expect(body).not.toHaveProperty('included');
  });

  test.each<[string, string[]]>([
    ['names=south,%20north', ['north', 'south']],
    ['names=NORTH', []],
    ['order_by=name', ['east', 'north', 'south', 'west']],
    ['order_by=-name', ['west', 'south', 'north', 'east']],
    ['order_by=name&per_page=3&page=2', ['west']],
    ['label_selector=tier', ['north', 'east']],
    ['label_selector=tier!%3Dlive', ['east', 'south', 'west']],
    ['label_selector=tier%20in%20(live,trial)&names=east', ['east']],
    ['created_ats[lt]=2020-01-01T00:00:00Z', []],
    ['updated_ats[gt]=2020-01-01T00:00:00Z', names],
  ])('%s', async (query, found) => {
    const answer = await list(query);
    expect(named(answer)).toEqual(found);
  });

  test('by guids, and by organizations', async () => {
    expect(named(await list(`guids=${ids[2]},${ids[0]},x`))).toEqual(['north', 'south']);
    expect(named(await list(`organization_guids=${uuidv7()},${organization}`))).toEqual(names);
    expect((await list(`organization_guids=${uuidv7()}`)).body.pagination.total_results).toBe(0);
  });

  test('the way through the pages shows each once', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/v3/spaces?per_page=3&order_by=name';
    while (path) {
      const answer = await portolan.send('GET', path, { token: portolan.adminToken });
      portolan.check('listSpaces', answer);
      seen.push(...named(answer));
      path = answer.body.pagination.next?.href.slice(portolan.url.length);
    }
    expect(seen).toEqual([...names].sort());
  });

  test('the organization is included where it is asked for, unless there is no space', async () => {
    const { body } = await list('include=organization&per_page=1');
    expect(body.included.organizations).toEqual([
      (await portolan.call('getOrganization', { path: { guid: organization } })).body,
    ]);
    expect(body.pagination.next.href).toBe(`${portolan.url}/v3/spaces?include=organization&page=2&per_page=1`);
    expect((await list('include=organization&names=none')).body.included).toEqual({ organizations: [] });
  });

  test('a token sees its environments only, and no count of others', async () => {
    const { token: bearer } = await token(portolan, { role: 'viewer', environments: [ids[3] as string, ids[1] as string] });
    const { body } = await list('', { token: bearer });
    expect([named({ body }), body.pagination.total_results]).toEqual([['east', 'west'], 2]);
    const other = await list('names=north', { token: bearer });
    expect(other.body.pagination.total_results).toBe(0);
    const { token: outside } = await token(portolan, { environments: [] });
    expect((await list('', { token: outside })).body).toMatchObject({ resources: [], pagination: { total_results: 0 } });
  });
});

describe('400', () => {
  test.each([
    ['page=0', 'page'],
    ['per_page=5001', 'per page'],
    ['per_page=x', 'per page'],
    ['order_by=state', 'order_by'],
    ['include=space', "'organization'"],
    ['colour=red', "'colour'"],
    ['space_guids=x', "'space_guids'"],
    ['label_selector=a%20b', 'invalid'],
    ['created_ats=now', 'created_ats'],
    ['names=%zz', "'names'"],
  ])('%s', async (query, told) => {
    expect(problemOfV3(await list(query))).toEqual([400, 10005, expect.stringContaining(told)]);
  });

  test('several mistakes are one problem', async () => {
    const [, , detail] = problemOfV3(await list('page=0&per_page=0&colour=red'));
    for (const part of ['page must', 'per page', "'colour'"]) expect(detail).toContain(part);
  });
});

test('401 without a credential', async () => {
  expect(problemOfV3(await list('', { token: null }))).toEqual([401, 10002, 'Authentication error']);
});

test('403 for a token without droplets:read', async () => {
  const { token: bearer } = await token(portolan, { scopes: ['environments:read'] });
  expect(codeOfV3(await list('', { token: bearer }))).toEqual([403, 10003]);
});
