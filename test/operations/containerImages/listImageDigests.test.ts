import { containerImage, digest, queryOf } from '../../support/catalogue';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { placementRow, serviceRow } from '../../support/rows';
import { walkPages } from '../../support/walkPages';

let portolan: Portolan;
let envId: string;
let id: string;
const digestIds: Record<string, string> = {};
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  id = (await containerImage(portolan, envId)).id;
  const digests = {
    a: { rank: 3, tags: ['2.4.0', '2', 'latest'], pushed_at: '2026-03-01T00:00:00Z' },
    b: { rank: 2, tags: ['2.3.0'], pushed_at: null },
    c: { rank: null, tags: ['edge'], pushed_at: '2026-03-02T00:00:00Z' },
    d: { rank: null, tags: [], pushed_at: '2026-03-01T00:00:00Z' },
    e: { rank: null, tags: [], pushed_at: null },
    f: { rank: 2, tags: ['2.3'], pushed_at: '2026-02-01T00:00:00Z' },
  };
  for (const [name, columns] of Object.entries(digests)) {
    const manifest_digest = `sha256:${name.repeat(64)}`;
    digestIds[name] = await digest(portolan, id, { ...columns, manifest_digest, discovered_at: '2026-03-05T00:00:00Z' });
  }
  await placementRow(portolan, await serviceRow(portolan, envId, { container_image_id: id }), digestIds.b as string);
  await digest(portolan, (await containerImage(portolan, envId)).id, { tags: ['2.4.0'] });
});
afterAll(() => portolan.close());

const list = (query: Record<string, string | number | boolean> = {}, more: object = {}) =>
  portolan.call('listImageDigests', { path: { id }, query: queryOf(query), ...more });
const letters = (rows: { manifestDigest: string }[]) => rows.map((row) => row.manifestDigest.at(-1)).join('');

describe('200', () => {
  test('the digests of the image, the highest rank first, then the last pushed', async () => {
    const answer = await list();
    expect(letters(answer.body.digests)).toBe('afbcde');
    expect(answer.body).toMatchObject({ total: 6, nextCursor: null });
    expect(answer.body.digests[0]).toEqual({
      id: digestIds.a,
      containerImageId: id,
      manifestDigest: `sha256:${'a'.repeat(64)}`,
      configDigest: null,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      tags: ['2.4.0', '2', 'latest'],
      bestTag: null,
      platforms: [],
      size: null,
      pushedAt: '2026-03-01T00:00:00.000Z',
      createdAt: null,
      discoveredAt: '2026-03-05T00:00:00.000Z',
      updatedAt: expect.any(String),
      eligible: false,
      rank: 3,
    });
  });

  test.each([
    ['tag', '2.3.0,edge', 'bc'],
    ['tag', '2.4.0', 'a'],
    ['tag', 'none', ''],
    ['manifestDigest', `sha256:${'d'.repeat(64)},sha256:${'a'.repeat(64)}`, 'ad'],
    ['manifestDigest', 'sha256:d', ''],
    ['deployed', true, 'b'],
    ['deployed', false, 'afcde'],
    ['q', 'DDD', 'd'],
    ['q', 'EDG', 'c'],
    ['q', '2.3', 'fb'],
  ])('%s=%s gives %s', async (filter, value, expected) => {
    const answer = await list({ [filter]: value });
    expect(letters(answer.body.digests)).toBe(expected);
    expect(answer.body.total).toBe(expected.length);
  });

  test('filters narrow each other', async () => {
    expect(letters((await list({ tag: '2.3.0,2.4.0', deployed: true })).body.digests)).toBe('b');
    expect((await list({ tag: '2.4.0', deployed: true })).body.total).toBe(0);
  });

  test('without a deployed digest all are the others', async () => {
    const image = await containerImage(portolan, envId);
    await digest(portolan, image.id);
    const path = { id: image.id };
    expect((await list({ deployed: false }, { path })).body.total).toBe(1);
    expect((await list({ deployed: true }, { path })).body.total).toBe(0);
  });

  test.each([
    'rank',
    '-rank',
    'pushedAt',
    '-pushedAt',
    'discoveredAt',
    '-discoveredAt',
    'rank,-pushedAt',
    '-rank,-pushedAt,-discoveredAt',
  ])('sorted by %s, page by page, nothing is left out or told twice', async (sort) => {
    const rows = await walkPages(portolan, 'listImageDigests', 'digests', 2, { path: { id }, query: { sort } });
    expect(rows).toEqual((await list({ sort, limit: 1000 })).body.digests);
    expect(new Set(rows.map((row) => row.id)).size).toBe(6);
    const [member, descending] = [sort.split(',')[0]?.replace('-', '') as string, sort.startsWith('-')];
    const values = rows.map((row) => (row[member] === null ? 0 : member === 'rank' ? row.rank : Date.parse(row[member])));
    const sorted = [...values].sort((a, b) => a - b);
    expect(values).toEqual(descending ? sorted.reverse() : sorted);
  });

  test('an image without digests, and the last page of an offset', async () => {
    const image = await containerImage(portolan, envId);
    expect((await list({}, { path: { id: image.id } })).body).toEqual({ digests: [], total: 0, nextCursor: null });
    expect(letters((await list({ offset: 5 })).body.digests)).toBe('e');
  });
});

describe('400', () => {
  test.each([
    ['limit', { limit: 0 }],
    ['sort', { sort: 'size' }],
    ['deployed', { deployed: 'x' }],
    ['cursor', { cursor: 'x' }],
    ['tags', { tags: 'x' }],
  ])('%s: %j', async (field, query) => {
    const answer = await list(query as Record<string, string>);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
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
