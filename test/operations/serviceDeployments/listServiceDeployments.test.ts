import { placement, queryOf, service } from '../../support/catalogue';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { walkPages } from '../../support/walkPages';

let portolan: Portolan;
let envId: string;
let serviceId: string;
let placements: { id: string; serverId: string }[];
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  serviceId = (await service(portolan, envId)).id;
  placements = [];
  for (const containerName of ['delta', 'alpha', 'Charlie', 'bravo_x']) {
    placements.push(await placement(portolan, serviceId, { containerName }));
  }
  // Ties, and an order that is not the order of writing.
  await portolan.sql(
    `update service_deployments set created_at = timestamptz '2026-01-01' - (length(container_name) % 2) * interval '1 day',
       status = case container_name when 'alpha' then 'healthy' when 'delta' then 'missing' else 'unknown' end
     where service_id = $1`,
    [serviceId],
  );
  await placement(portolan, (await service(portolan, envId)).id);
});
afterAll(() => portolan.close());

const list = (query: Record<string, string | number | boolean> = {}, more: object = {}) =>
  portolan.call('listServiceDeployments', { path: { id: serviceId }, query: queryOf(query), ...more });
const names = (rows: { containerName: string }[]) => rows.map(({ containerName }) => containerName);

describe('200', () => {
  test('all of the service, the oldest first, as the service shows them', async () => {
    const { deployments, total, nextCursor } = (await list()).body;
    expect(names(deployments)).toEqual(['delta', 'alpha', 'Charlie', 'bravo_x'].sort(byAge));
    expect([total, nextCursor]).toEqual([4, null]);
    const shown = (await portolan.call('getService', { path: { id: serviceId } })).body.service;
    expect(shown.serviceDeployments).toEqual(deployments);
  });

  test('none of a service that is placed nowhere', async () => {
    const { id } = await service(portolan, envId);
    const answer = await portolan.call('listServiceDeployments', { path: { id } });
    expect(answer.body).toEqual({ deployments: [], total: 0, nextCursor: null });
  });

  test.each([
    ['status', 'healthy', ['alpha']],
    ['status', 'healthy,missing', ['alpha', 'delta']],
    ['status', 'running', []],
    ['serverId', '01920000-0000-7000-8000-000000000000', []],
    ['q', 'A', ['Charlie', 'alpha', 'bravo_x', 'delta']],
    ['q', '_', ['bravo_x']],
  ])('%s=%s gives %j', async (filter, value, expected) => {
    const answer = await list({ [filter]: value, sort: 'containerName' });
    expect(names(answer.body.deployments)).toEqual(expected);
    expect(answer.body.total).toBe(expected.length);
  });

  test('by server, a comma list, together with others', async () => {
    const [delta, alpha] = placements.map((made) => made.serverId) as [string, string];
    expect(names((await list({ serverId: delta })).body.deployments)).toEqual(['delta']);
    expect((await list({ serverId: `${delta},${alpha}` })).body.total).toBe(2);
    expect((await list({ serverId: `${delta},${alpha}`, status: 'healthy' })).body.total).toBe(1);
  });

  test.each(['createdAt', '-createdAt', 'containerName', '-containerName', 'createdAt,-containerName'])(
    'sorted by %s, page by page, nothing is left out or told twice',
    async (sort) => {
      const more = { path: { id: serviceId }, query: { sort } };
      const rows = await walkPages(portolan, 'listServiceDeployments', 'deployments', 3, more);
      expect(rows).toEqual((await list({ sort, limit: 1000 })).body.deployments);
      expect(new Set(rows.map(({ id }) => id)).size).toBe(4);
    },
  );
});

/** Names of odd length are a day older; those of one day follow the order of writing. */
function byAge(a: string, b: string): number {
  return (b.length % 2) - (a.length % 2);
}

describe('400', () => {
  test.each([
    ['limit', { limit: 0 }],
    ['sort', { sort: 'status' }],
    ['serverId[0]', { serverId: 'example' }],
    ['status[0]', { status: 'ill' }],
    ['healthStatus', { healthStatus: 'healthy' }],
  ])('%s: %j', async (field, query) => {
    const answer = await list(query as Record<string, string>);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('the service %s, also with a bad query', async (id) => {
    expect((await list({}, { path: { id } })).status).toBe(404);
    expect((await list({ limit: 0 }, { path: { id } })).status).toBe(404);
  });

  test('a service outside a token’s environments', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list({}, { token: other.token })).status).toBe(404);
    expect((await list({ limit: 0 }, { token: other.token })).status).toBe(404);
    const own = await token(portolan, { environments: [envId], role: 'viewer' });
    expect((await list({}, { token: own.token })).body.total).toBe(4);
  });
});
