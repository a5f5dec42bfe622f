import type { RegistryAccess } from '../../../src/integrations/oci/access';
import { createDigitalOcean, type DigitalOcean } from '../../../src/integrations/oci/dialects/digitalOcean';
import { RegistryFailure } from '../../../src/integrations/oci/failure';
import { type FakeDigitalOcean, startFakeDigitalOcean } from '../../support/fakeDigitalOcean';
import { plainApiCall } from '../../support/plainApiCall';

let fake: FakeDigitalOcean;
let ocean: DigitalOcean;

beforeEach(async () => {
  fake = await startFakeDigitalOcean();
  ocean = createDigitalOcean(plainApiCall, fake.url);
  fake.tokens.add('dop_v1_good');
});

afterEach(() => fake.close());

const access = (parts: Partial<RegistryAccess> = {}): RegistryAccess => ({
  key: 'one',
  name: 'the ocean',
  type: 'digitalocean',
  registryUrl: 'registry.digitalocean.com',
  repositoryPrefix: 'acme',
  username: null,
  password: null,
  token: 'dop_v1_good',
  ...parts,
});

const tagsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    tag: `1.${index}`,
    manifest_digest: `sha256:${String(index).padStart(64, '0')}`,
  }));

const hold = (registry: string, repositories: Record<string, number>) =>
  fake.registries.set(registry, new Map(Object.entries(repositories).map(([name, count]) => [name, tagsOf(count)])));

async function failureOf(work: Promise<unknown>): Promise<RegistryFailure> {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(RegistryFailure);
  return error as RegistryFailure;
}

describe('repositories', () => {
  it.each([true, false])('come from all pages with their tag counts (links: %s)', async (links) => {
    fake.links = links;
    hold('acme', Object.fromEntries(Array.from({ length: 230 }, (_, index) => [`app${index}`, index % 3])));
    const { entries, truncated } = await ocean.repositories(access());
    expect(truncated).toBe(false);
    expect(entries).toHaveLength(230);
    expect(entries[5]).toEqual({ name: 'acme/app5', tagCount: 2 });
    expect(fake.requests).toHaveLength(3);
  });

  it('follow a smaller page than was asked for, by number', async () => {
    fake.links = false;
    hold('acme', Object.fromEntries(Array.from({ length: 45 }, (_, index) => [`app${index}`, 1])));
    const size = 20;
    fake.fault = ({ query }) => {
      const page = Number(query.get('page'));
      const names = [...(fake.registries.get('acme')?.keys() ?? [])].slice((page - 1) * size, page * size);
      return { status: 200, body: { repositories: names.map((name) => ({ name })), meta: { total: 45 } } };
    };
    expect((await ocean.repositories(access())).entries).toHaveLength(45);
  });

  it('of a longer prefix are the ones below it', async () => {
    hold('acme', { 'team/shop': 1, 'team/api': 1, teams: 1, other: 1 });
    const { entries } = await ocean.repositories(access({ repositoryPrefix: 'acme/team' }));
    expect(entries.map(({ name }) => name)).toEqual(['acme/team/shop', 'acme/team/api']);
  });

  it('stop at the cap, which shows', async () => {
    hold('acme', Object.fromEntries(Array.from({ length: 130 }, (_, index) => [`app${index}`, 1])));
    const listing = await ocean.repositories(access(), { most: 50 });
    expect(listing.entries).toHaveLength(50);
    expect(listing.truncated).toBe(true);
    expect((await ocean.repositories(access(), { most: 130 })).truncated).toBe(false);
  });

  it('of an empty registry are an empty list', async () => {
    hold('acme', {});
    expect(await ocean.repositories(access())).toEqual({ entries: [], truncated: false });
  });

  it('of a registry that does not exist name repositoryPrefix', async () => {
    const { failure, hint } = await failureOf(ocean.repositories(access({ repositoryPrefix: 'typo' })));
    expect(failure).toMatchObject({ reason: 'not_found', status: 404, name: 'the ocean', host: new URL(fake.url).host });
    expect(failure.message).toContain('"typo"');
    expect(hint).toContain('repositoryPrefix');
  });

  it.each([null, '', '/', '..'])('without a registry (%j) name repositoryPrefix, without a request', async (repositoryPrefix) => {
    const { failure, hint } = await failureOf(ocean.repositories(access({ repositoryPrefix })));
    expect(failure.reason).toBe('not_found');
    expect(hint).toContain('repositoryPrefix');
    expect(fake.requests).toHaveLength(0);
  });

  it.each<[string, unknown, number | null]>([
    ['as text', '57', null],
    ['negative', -1, null],
    ['missing', undefined, null],
    ['zero', 0, 0],
  ])('keep their name when the tag count is %s', async (_, count, shown) => {
    fake.fault = () => ({
      status: 200,
      body: { repositories: [{ name: 'shop', tag_count: count }, { name: '../x' }, 7], meta: {} },
    });
    expect((await ocean.repositories(access())).entries).toEqual([{ name: 'acme/shop', tagCount: shown }]);
  });
});

describe('tags', () => {
  it('come from all pages, with digest, compressed size and time', async () => {
    hold('acme', { 'team/shop': 250 });
    const { entries, truncated } = await ocean.tags(access(), 'acme/team/shop');
    expect(truncated).toBe(false);
    expect(entries).toHaveLength(250);
    expect(entries[3]).toEqual({
      tag: '1.3',
      digest: `sha256:${'3'.padStart(64, '0')}`,
      sizeBytes: 2_803_255,
      updatedAt: '2026-04-09T23:54:25.000Z',
    });
    expect(fake.requests.map(({ path }) => path)).toEqual(Array(3).fill('/v2/registry/acme/repositories/team%2Fshop/tags'));
  });

  it('of a name without a registry are those of the prefix', async () => {
    hold('acme', { shop: 1 });
    expect((await ocean.tags(access(), 'shop')).entries).toHaveLength(1);
  });

  it('of another registry of the same token can be read', async () => {
    hold('other', { shop: 2 });
    expect((await ocean.tags(access(), 'other/shop')).entries).toHaveLength(2);
  });

  it('of a repository that does not exist say so', async () => {
    hold('acme', {});
    const { failure, hint } = await failureOf(ocean.tags(access(), 'acme/typo'));
    expect(failure).toMatchObject({ reason: 'not_found', status: 404 });
    expect(failure.message).toContain('"typo"');
    expect(hint).toContain('repositoryPrefix');
  });

  it.each(['acme/..', '../acme', 'acme//x', 'acme/'])('of %s are not asked for', async (path) => {
    expect((await failureOf(ocean.tags(access(), path))).failure.reason).toBe('not_found');
    expect(fake.requests).toHaveLength(0);
  });

  it('that cannot be tags are left out, odd members are unknown', async () => {
    const tags = [
      null,
      { tag: 5 },
      { tag: 'a b' },
      { tag: 'ok', manifest_digest: 'x', compressed_size_bytes: '5', updated_at: 5 },
    ];
    fake.fault = () => ({ status: 200, body: { tags } });
    expect((await ocean.tags(access(), 'acme/shop')).entries).toEqual([
      { tag: 'ok', digest: null, sizeBytes: null, updatedAt: null },
    ]);
  });
});

describe('a token', () => {
  it('is sent as it is, with the id of the cause', async () => {
    hold('acme', { shop: 1 });
    await ocean.repositories(access(), { requestId: 'cause-2' });
    expect(fake.requests[0]).toMatchObject({ authorization: 'Bearer dop_v1_good', requestId: 'cause-2' });
  });

  it('that is wrong is unauthorized, and says where a new one comes from', async () => {
    for (const work of [
      () => ocean.repositories(access({ token: 'bad' })),
      () => ocean.tags(access({ token: 'bad' }), 'acme/shop'),
    ]) {
      const { failure, hint } = await failureOf(work());
      expect(failure).toMatchObject({ reason: 'unauthorized', status: 401 });
      expect(hint).toContain('token');
    }
  });

  it('without the right to read registries is forbidden, and says which scope is missing', async () => {
    fake.tokensWithoutScope.add('dop_v1_weak');
    const { failure, hint } = await failureOf(ocean.repositories(access({ token: 'dop_v1_weak' })));
    expect(failure).toMatchObject({ reason: 'forbidden', status: 403 });
    expect(hint).toContain('registry:read');
  });
});

describe('an answer', () => {
  it.each<[string, number, unknown]>([
    ['of a web page', 200, '<html></html>'],
    ['of nothing', 200, undefined],
    ['of a list', 200, []],
    ['of null', 200, null],
    ['without the member', 200, { meta: { total: 3 } }],
    ['with text for the list', 200, { repositories: 'x', tags: 'x' }],
    ['with unreadable entries only', 200, { repositories: [1], tags: [1] }],
    ['with a number as next page', 200, { repositories: [{ name: 'a' }], tags: [{ tag: 'a' }], links: { pages: { next: 5 } } }],
    [
      'with a next page at another host',
      200,
      { repositories: [], tags: [], links: { pages: { next: 'https://evil.example/' } } },
    ],
    ['that fails', 500, { id: 'server_error', message: 'Unexpected' }],
    ['that nobody expects', 418, 'teapot'],
  ])('%s is a bad response', async (_, status, body) => {
    fake.fault = () => ({ status, body });
    expect((await failureOf(ocean.repositories(access()))).failure.reason).toBe('bad_response');
    expect((await failureOf(ocean.tags(access(), 'acme/shop'))).failure.reason).toBe('bad_response');
    expect(fake.requests).toHaveLength(2);
  });

  it.each<[string, object]>([
    ['links that are text', { links: 'x' }],
    ['pages that are null', { links: { pages: null } }],
    ['a total as text', { meta: { total: '900' } }],
    ['no meta', {}],
  ])('with %s is the last page', async (_, extra) => {
    fake.fault = () => ({ status: 200, body: { tags: [{ tag: 'a' }], ...extra } });
    expect(await ocean.tags(access(), 'acme/shop')).toMatchObject({ truncated: false, entries: [{ tag: 'a' }] });
  });

  it('with nothing on it is the last page, whatever the total says', async () => {
    fake.fault = ({ query }) => ({
      status: 200,
      body: { tags: query.get('page') === '1' ? [{ tag: 'a' }] : [], meta: { total: 9 } },
    });
    expect((await ocean.tags(access(), 'acme/shop')).entries).toHaveLength(1);
    expect(fake.requests).toHaveLength(2);
  });

  it('whose pages go in circles ends', async () => {
    fake.fault = ({ query }) => {
      const next = `${fake.url}/v2/x?page=${Number(query.get('page')) + 1}`;
      return { status: 200, body: { tags: [{ tag: 'a' }], links: { pages: { next } } } };
    };
    expect((await failureOf(ocean.tags(access(), 'acme/shop'))).failure.reason).toBe('bad_response');
    expect(fake.requests.length).toBeLessThanOrEqual(5);
  });

  it('that asks to wait is passed on', async () => {
    fake.fault = () => ({ status: 429, headers: { 'retry-after': '90' }, body: { id: 'too_many_requests' } });
    expect((await failureOf(ocean.tags(access(), 'acme/shop'))).failure).toMatchObject({ reason: 'rate_limited' });
  });

  it('of a later page that fails fails the whole list', async () => {
    hold('acme', { shop: 250 });
    fake.fault = ({ query }) => (query.get('page') === '2' ? { status: 500 } : undefined);
    expect((await failureOf(ocean.tags(access(), 'acme/shop'))).failure.reason).toBe('bad_response');
  });
});
