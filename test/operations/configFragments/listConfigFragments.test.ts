import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  for (const name of ['delta', 'alpha', 'Charlie', 'bravo_x']) {
    await portolan.call('createConfigFragment', { path: { envId }, body: { name, content: `of ${name}` } });
  }
});
afterAll(() => portolan.close());

const list = (query: object | string = {}, more: object = {}) =>
  portolan.call('listConfigFragments', { path: { envId }, query: query as never, ...more });
const names = (answer: { body: any }) => answer.body.fragments.map(({ name }: { name: string }) => name);

describe('200', () => {
  test('by name, with content and the exact total', async () => {
    const answer = await list();
    expect(
      names(answer)
        .map((name: string) => name.toLowerCase())
        .sort(),
    ).toEqual(['alpha', 'bravo_x', 'charlie', 'delta']);
    expect(answer.body.total).toBe(4);
    const alpha = answer.body.fragments.find(({ name }: { name: string }) => name === 'alpha');
    expect(alpha).toMatchObject({ content: 'of alpha', usedBy: [] });
  });

  test('pages to the end, in either direction of either sort', async () => {
    for (const sort of ['name', '-name', 'updatedAt', '-updatedAt']) {
      const whole = names(await list({ sort }));
      const paged: string[] = [];
      let cursor: string | null = null;
      do {
        const answer = await list({ sort, limit: 1, ...(cursor ? { cursor } : {}) });
        paged.push(...names(answer));
        cursor = answer.body.nextCursor;
      } while (cursor);
      expect([sort, paged]).toEqual([sort, whole]);
    }
  });

  test('filters: name, q', async () => {
    expect(names(await list('name=alpha,delta')).sort()).toEqual(['alpha', 'delta']);
    expect(names(await list({ q: 'AVO_' }))).toEqual(['bravo_x']);
    expect((await list({ q: 'o%' })).body.total).toBe(0);
  });

  test('a page of large contents ends early, and the next one goes on', async () => {
    const large = await environment(portolan);
    await portolan.sql(
      `insert into config_fragments (id, environment_id, name, content)
       select gen_random_uuid(), $1, 'large-' || n, repeat('x', 20 * 1024 * 1024) from generate_series(1, 3) as n`,
      [large],
    );
    const page = (query: object) => list(query, { path: { envId: large } });
    const first = await page({});
    expect([names(first), first.body.total]).toEqual([['large-1', 'large-2'], 3]);
    const second = await page({ cursor: first.body.nextCursor });
    expect([names(second), second.body.nextCursor]).toEqual([['large-3'], null]);
    expect(names(await page({ limit: 1, sort: '-name' }))).toEqual(['large-3']);
  });

  test('an environment without fragments', async () => {
    const empty = await environment(portolan);
    expect((await list({}, { path: { envId: empty } })).body).toEqual({ fragments: [], total: 0, nextCursor: null });
  });
});

describe('404', () => {
  test('an environment that is not there, or out of reach', async () => {
    const { token: local } = await token(portolan, { environments: [await environment(portolan, unique('own'))] });
    expect((await list({}, { token: local })).status).toBe(404);
  });
});
