import { service, serviceType } from '../../support/catalogue';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { walkPages } from '../../support/walkPages';

let portolan: Portolan;
let envId: string;
let django: string;
let celery: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  django = await serviceType(portolan, {}, 'Django');
  celery = await serviceType(portolan, {}, 'Celery');
  await serviceType(portolan, {}, 'Unused');
  for (const serviceTypeId of [django, django, django, celery, null]) await service(portolan, envId, { serviceTypeId } as object);
  await service(portolan, await environment(portolan), { serviceTypeId: celery } as object);
});
afterAll(() => portolan.close());

const list = (query: Record<string, string | number> = {}, more: object = {}) =>
  portolan.call('listServiceTypeCounts', { path: { envId }, query, ...more });

describe('200', () => {
  test('types that have services here, and services without a type', async () => {
    expect((await list()).body).toEqual({
      types: [
        { id: celery, displayName: 'Celery', count: 1 },
        { id: django, displayName: 'Django', count: 3 },
        { id: null, displayName: 'No type', count: 1 },
      ],
      total: 3,
      nextCursor: null,
    });
  });

  test('nothing in an environment without services', async () => {
    const empty = await list({}, { path: { envId: await environment(portolan) } });
    expect(empty.body).toEqual({ types: [], total: 0, nextCursor: null });
  });

  test.each([
    ['displayName', ['Celery', 'Django', 'No type']],
    ['-displayName', ['No type', 'Django', 'Celery']],
    ['-count,displayName', ['Django', 'Celery', 'No type']],
    ['count,-displayName', ['No type', 'Celery', 'Django']],
  ])('sorted by %s, page by page', async (sort, expected) => {
    const rows = await walkPages(portolan, 'listServiceTypeCounts', 'types', 1, { path: { envId }, query: { sort } });
    expect(rows.map(({ displayName }) => displayName)).toEqual(expected);
  });

  test('q finds display names', async () => {
    const found = (await list({ q: 'AN' })).body;
    expect([found.types[0].id, found.total]).toEqual([django, 1]);
    expect((await list({ offset: 2 })).body.types).toHaveLength(1);
  });
});

describe('400', () => {
  test('an unknown member to sort by', async () => {
    expect((await list({ sort: 'id' })).body).toMatchObject({ code: 'VALIDATION_ERROR', field: 'sort' });
  });
});

describe('404', () => {
  test('an unknown environment, and one outside a token’s', async () => {
    expect((await list({}, { path: { envId: 'example' } })).status).toBe(404);
    expect((await list({ sort: 'id' }, { path: { envId: '01920000-0000-7000-8000-000000000000' } })).status).toBe(404);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list({}, { token: other.token })).status).toBe(404);
  });
});
