import { containerImage, digest, queryOf, registry, service, serviceType } from '../../support/catalogue';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { pinDigest, placementRow, serverRow } from '../../support/rows';
import { walkPages } from '../../support/walkPages';

let portolan: Portolan;
let envId: string;
let images: { id: string }[];
let types: string[];
let total: number;
const servers: string[] = [];
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  images = [await containerImage(portolan, envId), await containerImage(portolan, envId)];
  types = [await serviceType(portolan, { shell: 'sh' }), await serviceType(portolan)];
  const named = ['delta', 'alpha', 'Charlie', 'bravo 50%', 'echo_x', 'foxtrot', 'golf'];
  for (const [index, name] of named.entries()) {
    await service(portolan, envId, {
      name,
      containerImageId: images[index % 2]?.id,
      ...(index < 4 ? { serviceTypeId: types[index % 2] } : {}),
    } as object);
  }
  total = named.length;
  // Ties: three moments for seven services.
  await portolan.sql(
    `update services set created_at = timestamptz '2026-01-01' + (length(name) % 3) * interval '1 day',
       updated_at = timestamptz '2026-02-01' + (length(name) % 2) * interval '1 day',
       update_available = name in ('alpha', 'golf') where environment_id = $1`,
    [envId],
  );
  await placeAll();
  await service(portolan, await environment(portolan), { name: 'elsewhere' } as object);
});
afterAll(() => portolan.close());

/** golf drifted, alpha runs on two servers, delta on one of them; each with another health. */
async function placeAll() {
  const found = await portolan.sql('select id, name, container_image_id from services where environment_id = $1', [envId]);
  const of = (name: string) => found.find((row) => row.name === name);
  const [wanted, other] = [
    await digest(portolan, of('golf').container_image_id),
    await digest(portolan, of('golf').container_image_id),
  ];
  servers.push(await serverRow(portolan, of('alpha').id), await serverRow(portolan, of('alpha').id));
  const place = (name: string, digestId: string | null, columns: object) =>
    placementRow(portolan, of(name).id, digestId, columns as never);
  await pinDigest(portolan, of('golf').id, wanted);
  await place('golf', wanted, {});
  await place('golf', other, {});
  await pinDigest(portolan, of('echo_x').id, wanted);
  await place('echo_x', wanted, {});
  const [first, second] = servers;
  await place('alpha', null, { server_id: first, created_at: '2026-01-02T00:00:00Z', health_status: 'healthy' });
  await place('alpha', null, { server_id: second, created_at: '2026-01-01T00:00:00Z', health_status: 'unhealthy' });
  await place('delta', null, { server_id: first, health_status: 'none' });
}

const list = (query: Record<string, string | number | boolean> = {}, more: object = {}) =>
  portolan.call('listServices', { path: { envId }, query: queryOf(query), ...more });
const names = (rows: { name: string }[]) => rows.map(({ name }) => name);

describe('200', () => {
  test('all of the environment, by name, with image and type', async () => {
    const answer = await list();
    expect(names(answer.body.services)).toEqual(['Charlie', 'alpha', 'bravo 50%', 'delta', 'echo_x', 'foxtrot', 'golf']);
    expect(answer.body).toMatchObject({ total, nextCursor: null });
    for (const row of answer.body.services) {
      expect(row.containerImage.id).toBe(row.containerImageId);
      expect(row.serviceType?.id ?? null).toBe(row.serviceTypeId);
    }
  });

  test('the connection in effect stands with each image', async () => {
    const ownEnvironment = await environment(portolan);
    const connection = await registry(portolan, ownEnvironment, { autoLinkPattern: 'acme/**' });
    for (let i = 0; i < 3; i++) await service(portolan, ownEnvironment);
    const answer = await portolan.call('listServices', { path: { envId: ownEnvironment }, query: { limit: 2 } });
    expect(answer.body.services.map((row: any) => row.containerImage.registryConnection.id)).toEqual([
      connection.id,
      connection.id,
    ]);
  });

  test.each([
    ['name', 'alpha,golf', ['alpha', 'golf']],
    ['name', 'bravo 50%', ['bravo 50%']],
    ['updateAvailable', true, ['alpha', 'golf']],
    ['updateAvailable', false, ['Charlie', 'bravo 50%', 'delta', 'echo_x', 'foxtrot']],
    ['drifted', true, ['golf']],
    ['drifted', false, ['Charlie', 'alpha', 'bravo 50%', 'delta', 'echo_x', 'foxtrot']],
    ['serverId', '01920000-0000-7000-8000-000000000000', []],
    ['healthStatus', 'healthy', []],
    ['healthStatus', 'unhealthy', ['alpha']],
    ['healthStatus', 'none,unknown', ['delta', 'echo_x', 'golf']],
    ['healthStatus', 'unknown,healthy,unhealthy,none', ['alpha', 'delta', 'echo_x', 'golf']],
    ['q', 'A', ['Charlie', 'alpha', 'bravo 50%', 'delta']],
    ['q', '50%', ['bravo 50%']],
    ['q', '_', ['echo_x']],
    ['q', '', ['Charlie', 'alpha', 'bravo 50%', 'delta', 'echo_x', 'foxtrot', 'golf']],
  ])('%s=%s gives %j', async (filter, value, expected) => {
    const answer = await list({ [filter]: value });
    expect(names(answer.body.services)).toEqual(expected);
    expect(answer.body.total).toBe(expected.length);
  });

  test('by image and by type, each a comma list, together with others', async () => {
    const [first, second] = images.map(({ id }) => id) as [string, string];
    expect(names((await list({ containerImageId: first })).body.services)).toEqual(['Charlie', 'delta', 'echo_x', 'golf']);
    expect((await list({ containerImageId: `${first},${second}` })).body.total).toBe(total);
    expect(names((await list({ serviceTypeId: types[0] as string })).body.services)).toEqual(['Charlie', 'delta']);
    expect((await list({ serviceTypeId: types.join(',') })).body.total).toBe(4);
    const both = await list({ containerImageId: first, updateAvailable: true, q: 'o', name: 'golf,delta' });
    expect(names(both.body.services)).toEqual(['golf']);
    expect((await list({ containerImageId: '01920000-0000-7000-8000-000000000000' })).body.total).toBe(0);
  });

  test('by server, each service once', async () => {
    const [first, second] = servers as [string, string];
    expect(names((await list({ serverId: first })).body.services)).toEqual(['alpha', 'delta']);
    expect(names((await list({ serverId: second })).body.services)).toEqual(['alpha']);
    const both = await list({ serverId: servers.join(','), limit: 1 });
    expect([names(both.body.services), both.body.total]).toEqual([['alpha'], 2]);
    expect(names((await list({ serverId: first, healthStatus: 'none' })).body.services)).toEqual(['delta']);
  });

  test.each(['name', '-name', 'createdAt', '-createdAt', 'updatedAt', '-updatedAt', 'createdAt,-name', '-updatedAt,createdAt'])(
    'sorted by %s, page by page, nothing is left out or told twice',
    async (sort) => {
      const rows = await walkPages(portolan, 'listServices', 'services', 2, { path: { envId }, query: { sort } });
      expect(rows).toEqual((await list({ sort, limit: 1000 })).body.services);
      expect(new Set(rows.map(({ id }) => id)).size).toBe(total);
      const [member, descending] = [sort.split(',')[0]?.replace('-', '') as string, sort.startsWith('-')];
      const values = rows.map((row) => row[member]);
      const sorted = [...values].sort();
      expect(values).toEqual(descending ? sorted.reverse() : sorted);
    },
  );

  test('offset skips, and the total stays', async () => {
    const answer = await list({ offset: 5 });
    expect(names(answer.body.services)).toEqual(['foxtrot', 'golf']);
    expect(answer.body).toMatchObject({ total, nextCursor: null });
    expect((await list({ offset: 100000 })).body).toMatchObject({ services: [], total });
  });

  test('rows that come and go between pages disturb nothing else', async () => {
    const ownEnvironment = await environment(portolan);
    const made = [];
    for (const name of ['b', 'd', 'f', 'h']) made.push(await service(portolan, ownEnvironment, { name } as object));
    const path = { envId: ownEnvironment };
    const first = await portolan.call('listServices', { path, query: { limit: 2 } });
    await service(portolan, ownEnvironment, { name: 'a' } as object);
    await service(portolan, ownEnvironment, { name: 'g' } as object);
    await portolan.call('deleteService', { path: { id: made[1].id } });
    const second = await portolan.call('listServices', { path, query: { limit: 2, cursor: first.body.nextCursor } });
    expect([...names(first.body.services), ...names(second.body.services)]).toEqual(['b', 'd', 'f', 'g']);
    expect(second.body.total).toBe(5);
  });
});

describe('400', () => {
  test.each([
    ['limit', { limit: 0 }],
    ['limit', { limit: 1001 }],
    ['limit', { limit: '7.5' }],
    ['offset', { offset: -1 }],
    ['offset', { offset: 100001 }],
    ['sort', { sort: 'imageTag' }],
    ['sort', { sort: 'name,-name' }],
    ['cursor', { cursor: 'x' }],
    ['containerImageId[0]', { containerImageId: 'example' }],
    ['serviceTypeId[0]', { serviceTypeId: 'example' }],
    ['serverId[0]', { serverId: 'example' }],
    ['healthStatus[0]', { healthStatus: 'ill' }],
    ['drifted', { drifted: 'yes' }],
    ['updateAvailable', { updateAvailable: '1' }],
  ])('%s: %j', async (field, query) => {
    const answer = await list(query as Record<string, string>);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([400, 'VALIDATION_ERROR', field]);
  });

  test('an unknown parameter is answered with the nearest known one', async () => {
    const answer = await list({ updateAvailible: true });
    expect([answer.status, answer.body.hint]).toEqual([400, 'Did you mean updateAvailable?']);
  });

  test('a cursor of another sort, another filter, or with an offset', async () => {
    const { nextCursor: cursor } = (await list({ limit: 2 })).body;
    for (const [member, value, field] of [
      ['sort', '-name', 'cursor'],
      ['q', 'a', 'cursor'],
      ['offset', '1', 'offset'],
    ] as const) {
      const answer = await list({ limit: 2, cursor, [member]: value });
      expect([answer.status, answer.body.field]).toEqual([400, field]);
    }
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('the environment %s, also with a bad query', async (id) => {
    expect((await list({}, { path: { envId: id } })).status).toBe(404);
    expect((await list({ limit: 0 }, { path: { envId: id } })).status).toBe(404);
  });

  test('an environment outside a token’s', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list({}, { token: other.token })).status).toBe(404);
    const own = await token(portolan, { environments: [envId], role: 'viewer' });
    expect((await list({}, { token: own.token })).body.total).toBe(total);
  });
});
