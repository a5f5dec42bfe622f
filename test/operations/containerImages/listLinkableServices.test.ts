import { containerImage, queryOf, service } from '../../support/catalogue';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { walkPages } from '../../support/walkPages';

let portolan: Portolan;
let envId: string;
let id: string;
let other: any;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  id = (await containerImage(portolan, envId)).id;
  other = await containerImage(portolan, envId, { name: 'Other', imageName: 'ghcr.io/acme/other' });
  for (const name of ['delta', 'alpha', 'charlie'])
    await service(portolan, envId, { name, containerImageId: other.id } as object);
  const bare = await service(portolan, envId, { name: 'bravo', containerImageId: other.id } as object);
  await portolan.sql('update services set container_image_id = null where id = $1', [bare.id]);
  await service(portolan, envId, { name: 'linked', containerImageId: id } as object);
  await service(portolan, await environment(portolan), { name: 'elsewhere' } as object);
});
afterAll(() => portolan.close());

const list = (query: Record<string, string | number> = {}, more: object = {}) =>
  portolan.call('listLinkableServices', { path: { id }, query: queryOf(query), ...more });
const names = (rows: { name: string }[]) => rows.map(({ name }) => name);

describe('200', () => {
  test('services of the environment that use another image, or none', async () => {
    const answer = await list();
    expect(names(answer.body.services)).toEqual(['alpha', 'bravo', 'charlie', 'delta']);
    expect(answer.body).toMatchObject({ total: 4, nextCursor: null });
    expect(answer.body.services[0]).toEqual({
      id: expect.any(String),
      name: 'alpha',
      imageTag: 'latest',
      containerImage: { id: other.id, name: 'Other', imageName: 'ghcr.io/acme/other' },
    });
    expect(answer.body.services[1].containerImage).toBeNull();
  });

  test.each([
    ['name', ['alpha', 'bravo', 'charlie', 'delta']],
    ['-name', ['delta', 'charlie', 'bravo', 'alpha']],
    ['createdAt', ['delta', 'alpha', 'charlie', 'bravo']],
    ['-createdAt', ['bravo', 'charlie', 'alpha', 'delta']],
  ])('sorted by %s, page by page', async (sort, expected) => {
    const rows = await walkPages(portolan, 'listLinkableServices', 'services', 3, { path: { id }, query: { sort } });
    expect(names(rows)).toEqual(expected);
  });

  test('q finds names', async () => {
    const { services, total } = (await list({ q: 'L' })).body;
    expect([names(services), total]).toEqual([['alpha', 'charlie', 'delta'], 3]);
  });

  test('a linked service is linkable no more', async () => {
    const target = await containerImage(portolan, envId);
    const query = (await list({}, { path: { id: target.id } })).body;
    expect(query.total).toBe(5);
    await portolan.call('linkServiceToContainerImage', { path: { id: target.id, serviceId: query.services[1].id } });
    const after = (await list({}, { path: { id: target.id } })).body;
    expect([names(after.services), after.total]).toEqual([['alpha', 'charlie', 'delta', 'linked'], 4]);
  });
});

describe('400', () => {
  test('an unknown member to sort by, and an unknown parameter', async () => {
    expect((await list({ sort: 'imageTag' })).body).toMatchObject({ code: 'VALIDATION_ERROR', field: 'sort' });
    expect((await list({ name: 'alpha' })).body).toMatchObject({ code: 'VALIDATION_ERROR', field: 'name' });
  });
});

describe('404', () => {
  test('an unknown image, and one outside a token’s environments, also with a bad query', async () => {
    const foreign = await token(portolan, { environments: [await environment(portolan)] });
    for (const query of [{}, { limit: 0 }]) {
      expect((await list(query as Record<string, number>, { path: { id: 'example' } })).status).toBe(404);
      expect((await list(query as Record<string, number>, { path: { id: '01920000-0000-7000-8000-000000000000' } })).status).toBe(
        404,
      );
      expect((await list(query as Record<string, number>, { token: foreign.token })).status).toBe(404);
    }
  });
});
