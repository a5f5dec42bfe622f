import { containerImage, queryOf, registry } from '../../support/catalogue';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { walkPages } from '../../support/walkPages';

let portolan: Portolan;
let envId: string;
let connectionIds: string[];
const all = ['Charlie', 'alpha', 'bravo 50%', 'bravo 50%', 'echo_x', 'foxtrot', 'golf'];
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  connectionIds = [(await registry(portolan, envId)).id, (await registry(portolan, envId, { registryUrl: 'quay.io' })).id];
  const members = [
    { name: 'golf', imageName: 'ghcr.io/acme/one', registryConnectionId: connectionIds[0] },
    { name: 'alpha', imageName: 'ghcr.io/acme/two', autoUpdate: true },
    { name: 'Charlie', imageName: 'quay.io/acme/one', registryConnectionId: connectionIds[1] },
    { name: 'bravo 50%', imageName: 'nginx' },
    { name: 'bravo 50%', imageName: 'redis', autoUpdate: true },
    { name: 'echo_x', imageName: 'postgres' },
    { name: 'foxtrot', imageName: 'localhost:5000/acme/one' },
  ];
  for (const image of members) await containerImage(portolan, envId, image);
  // Ties, and images that were never checked.
  await portolan.sql(
    `update container_images set created_at = timestamptz '2026-01-01' + (length(name) % 3) * interval '1 day',
       last_checked_at = case when name in ('alpha', 'golf', 'echo_x') then timestamptz '2026-03-01' + (length(name) % 2) * interval '1 day' end,
       update_available = name = 'alpha' where environment_id = $1`,
    [envId],
  );
  await containerImage(portolan, await environment(portolan), { name: 'elsewhere' });
});
afterAll(() => portolan.close());

const list = (query: Record<string, string | number | boolean> = {}, more: object = {}) =>
  portolan.call('listContainerImages', { path: { envId }, query: queryOf(query), ...more });
const names = (rows: { name: string }[]) => rows.map(({ name }) => name);

describe('200', () => {
  test('all of the environment, by name', async () => {
    const answer = await list();
    expect(names(answer.body.images)).toEqual(all);
    expect(answer.body).toMatchObject({ total: all.length, nextCursor: null });
  });

  test('each with the connection in effect, on whatever page it stands', async () => {
    const query = { sort: '-imageName' };
    const rows = await walkPages(portolan, 'listContainerImages', 'images', 3, { path: { envId }, query });
    const links = rows.map(({ imageName, registryLink, registryConnection }) => [
      imageName,
      registryLink,
      registryConnection?.id,
    ]);
    expect(links).toEqual([
      ['redis', 'none', undefined],
      ['quay.io/acme/one', 'explicit', connectionIds[1]],
      ['postgres', 'none', undefined],
      ['nginx', 'none', undefined],
      ['localhost:5000/acme/one', 'none', undefined],
      ['ghcr.io/acme/two', 'host', connectionIds[0]],
      ['ghcr.io/acme/one', 'explicit', connectionIds[0]],
    ]);
  });

  test.each([
    ['name', 'alpha,golf', ['alpha', 'golf']],
    ['imageName', 'nginx,quay.io/acme/one', ['Charlie', 'bravo 50%']],
    ['imageName', 'docker.io/library/nginx', []],
    ['autoUpdate', true, ['alpha', 'bravo 50%']],
    ['autoUpdate', false, ['Charlie', 'bravo 50%', 'echo_x', 'foxtrot', 'golf']],
    ['updateAvailable', true, ['alpha']],
    ['updateAvailable', false, ['Charlie', 'bravo 50%', 'bravo 50%', 'echo_x', 'foxtrot', 'golf']],
    ['registryConnectionId', '01920000-0000-7000-8000-000000000000', []],
    ['q', 'ACME', ['Charlie', 'alpha', 'foxtrot', 'golf']],
    ['q', '50%', ['bravo 50%', 'bravo 50%']],
    ['q', 'o_x', ['echo_x']],
  ])('%s=%s gives %j', async (filter, value, expected) => {
    const answer = await list({ [filter]: value });
    expect(names(answer.body.images)).toEqual(expected);
    expect(answer.body.total).toBe(expected.length);
  });

  test('by connections that are linked explicitly, and together with others', async () => {
    expect(names((await list({ registryConnectionId: connectionIds[0] as string })).body.images)).toEqual(['golf']);
    expect(names((await list({ registryConnectionId: connectionIds.join() })).body.images)).toEqual(['Charlie', 'golf']);
    const both = await list({ registryConnectionId: connectionIds.join(), q: 'quay', autoUpdate: false, name: 'Charlie,golf' });
    expect(names(both.body.images)).toEqual(['Charlie']);
  });

  test.each([
    'name',
    '-name',
    'imageName',
    '-imageName',
    'lastCheckedAt',
    '-lastCheckedAt',
    'createdAt',
    '-createdAt',
    'lastCheckedAt,-createdAt',
  ])('sorted by %s, page by page, nothing is left out or told twice', async (sort) => {
    const rows = await walkPages(portolan, 'listContainerImages', 'images', 2, { path: { envId }, query: { sort } });
    expect(rows).toEqual((await list({ sort, limit: 1000 })).body.images);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(all.length);
    const [member, descending] = [sort.split(',')[0]?.replace('-', '') as string, sort.startsWith('-')];
    // Never checked counts as checked before all others.
    const values = rows.map((row) => row[member] ?? '');
    const sorted = [...values].sort();
    expect(values).toEqual(descending ? sorted.reverse() : sorted);
  });

  test('offset skips, and the total stays', async () => {
    const answer = await list({ offset: 5, limit: 1 });
    expect(names(answer.body.images)).toEqual(['foxtrot']);
    expect(answer.body.total).toBe(all.length);
  });

  test('the total follows what is added and removed', async () => {
    const own = await environment(portolan);
    const totalNow = async () => (await list({}, { path: { envId: own } })).body.total;
    expect(await totalNow()).toBe(0);
    const { id } = await containerImage(portolan, own);
    await containerImage(portolan, own);
    expect(await totalNow()).toBe(2);
    await portolan.call('deleteContainerImage', { path: { id } });
    expect(await totalNow()).toBe(1);
  });
});

describe('400', () => {
  test.each([
    ['limit', { limit: 0 }],
    ['limit', { limit: 1001 }],
    ['offset', { offset: 100001 }],
    ['sort', { sort: 'tagFilter' }],
    ['cursor', { cursor: 'x' }],
    ['registryConnectionId[0]', { registryConnectionId: 'example' }],
    ['autoUpdate', { autoUpdate: '1' }],
    ['updateAvailable', { updateAvailable: '' }],
  ])('%s: %j', async (field, query) => {
    const answer = await list(query as Record<string, string>);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([400, 'VALIDATION_ERROR', field]);
  });

  test('an unknown parameter is answered with the nearest known one', async () => {
    const answer = await list({ imagename: 'nginx' });
    expect([answer.status, answer.body.field, answer.body.hint]).toEqual([400, 'imagename', 'Did you mean imageName?']);
  });

  test('a cursor of another sort, another filter, or with an offset', async () => {
    const { nextCursor: cursor } = (await list({ limit: 2 })).body;
    for (const [member, value, field] of [
      ['sort', 'createdAt', 'cursor'],
      ['autoUpdate', 'true', 'cursor'],
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
    expect((await list({}, { token: own.token })).body.total).toBe(all.length);
  });
});
