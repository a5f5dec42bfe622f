import { createPortolan } from '../../src/client';
import { answerJson, startClientServer } from '../support/clientServer';
import { environment, unique } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';

let portolan: Portolan;
let envId: string;
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const client = () => createPortolan({ url: portolan.url, token: portolan.adminToken });
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  for (const name of names) {
    await client().call.createRegistry({ path: { envId }, body: { name, type: 'generic', registryUrl: `${name}.example.com` } });
  }
});
afterAll(() => portolan.close());

describe('a list of /api', () => {
  test('is read to its end, page by page, in its order', async () => {
    const found: string[] = [];
    for await (const registry of client().each.listRegistries({ path: { envId }, query: { limit: 3, sort: '-name' } })) {
      found.push(registry.name);
    }
    expect(found).toEqual([...names].reverse());
  });

  test('gives its pages', async () => {
    const sizes: number[] = [];
    for await (const page of client()
      .each.listRegistries({ path: { envId }, query: { limit: 3 } })
      .pages()) {
      expect(page.total).toBe(7);
      sizes.push(page.registries.length);
    }
    expect(sizes).toEqual([3, 3, 1]);
  });

  test('is an array on demand, as often as it is asked for, with an offset as well', async () => {
    const list = client().each.listRegistries({ path: { envId }, query: { limit: 2, offset: 1, sort: 'name' } });
    expect((await list.toArray()).map(({ name }) => name)).toEqual(names.slice(1));
    expect(await list.toArray()).toHaveLength(6);
  });

  test('is not read further than somebody looks', async () => {
    const server = await startClientServer((_, response, nth) =>
      answerJson(response, 200, { environments: [{ name: `e${nth}` }], total: 9, nextCursor: `c${nth}` }),
    );
    for await (const one of createPortolan({ url: server.url }).each.listEnvironments({ query: { q: 'e' } })) {
      if (one.name === 'e2') break;
    }
    expect(server.sent.map(({ url }) => url)).toEqual(['/api/environments?q=e', '/api/environments?q=e&cursor=c1']);
    await server.close();
  });

  test('throws what a page answers', async () => {
    await expect(
      client()
        .each.listRegistries({ path: { envId: 'none' } })
        .toArray(),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a list of /v3', () => {
  test('is read to its end by the links of its pages, with its filters', async () => {
    const apps = [1, 2, 3, 4, 5].map(() => unique('app'));
    for (const name of apps) {
      await client().call.createApp({ body: { name, relationships: { space: { data: { guid: envId } } } } });
    }
    const other = await environment(portolan);
    await client().call.createApp({ body: { name: 'other', relationships: { space: { data: { guid: other } } } } });
    const query = { space_guids: envId, per_page: '2', order_by: 'name' };
    const found = await client().each.listApps({ query }).toArray();
    expect(found.map(({ name }) => name)).toEqual([...apps].sort());
  });

  test('sends its token to the address of the client only, wherever the links point', async () => {
    const server = await startClientServer((_, response, nth) => {
      const next = nth === 1 ? { href: 'http://elsewhere.invalid/v3/apps?page=2&per_page=1' } : null;
      answerJson(response, 200, { pagination: { next }, resources: [{ guid: `g${nth}` }] });
    });
    const found = await createPortolan({ url: server.url, token: 't' })
      .each.listApps({ query: { per_page: '1' } })
      .toArray();
    expect(found.map(({ guid }) => guid)).toEqual(['g1', 'g2']);
    expect(server.sent.map(({ url }) => url)).toEqual(['/v3/apps?per_page=1', '/v3/apps?page=2&per_page=1']);
    await server.close();
  });
});
