import { environment, token } from '../../support/fixtures';
import { readToEnd } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';
import { describeWithRegistry } from '../../support/registry/binary';
import { storeImages, storeManyTags } from '../../support/registry/bulk';
import { pushImage } from '../../support/registry/images';
import { startRegistry, type TestRegistry } from '../../support/registry/registry';
import { connectionTo, fakeRegistry } from '../../support/registry/scene';
import { registryRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const list = (id: string, repo: string, query: Record<string, string | number | boolean> = {}, more: object = {}) =>
  portolan.call('listRepositoryTags', { path: { id, repo }, query: query as Record<string, string>, ...more });
const tagsOf = (answer: { body: any }) => answer.body.tags.map(({ tag }: { tag: string }) => tag);

describeWithRegistry('200', () => {
  let registry: TestRegistry;
  let id: string;
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'token' });
    storeImages(registry, 'acme/app', [
      { tags: ['1.9.0'], image: { label: 'a' } },
      { tags: ['1.10.0', '1.10', 'latest'], image: { label: 'b' } },
      { tags: ['1.2.0'], image: { label: 'c' } },
    ]);
    storeManyTags(registry, 'acme/deep/er/app', 1500);
    id = (await connectionTo(portolan, envId, registry)).id;
  });
  afterAll(() => registry.close());
  const heads = () => registry.seenRequests().filter(({ method }) => method === 'HEAD').length;

  test('newest first by version, whatever the order of the registry, with digests', async () => {
    const { digest } = await pushImage(registry, 'acme/small', ['1.9.0', '1.10.0']);
    const answer = await list(id, 'acme/small');
    expect(answer.body).toEqual({
      tags: [
        { tag: '1.10.0', digest, size: null, updatedAt: null },
        { tag: '1.9.0', digest, size: null, updatedAt: null },
      ],
      total: 2,
      nextCursor: null,
      truncated: false,
    });
  });

  test('all 1500 tags, with a digest for those of the page only', async () => {
    const before = heads();
    const answer = await list(id, 'acme/deep/er/app', { limit: 20 });
    expect(answer.body).toMatchObject({ total: 1500, truncated: false });
    expect(tagsOf(answer)[0]).toBe('1.14.99');
    expect(answer.body.tags.every(({ digest }: { digest: string }) => /^sha256:/.test(digest))).toBe(true);
    expect(heads() - before).toBe(20);
    expect((await list(id, 'acme/deep/er/app', { limit: 20 })).body).toEqual(answer.body);
    expect(heads() - before).toBe(20);
  });

  test('without digests nothing is asked for a tag', async () => {
    const fresh = await connectionTo(portolan, envId, registry);
    const before = heads();
    const answer = await list(fresh.id, 'acme/app', { withDigests: false });
    expect(answer.body.tags.map(({ digest }: { digest: null }) => digest)).toEqual([null, null, null, null, null]);
    expect(heads()).toBe(before);
  });

  test('pages by any sort give every tag once', async () => {
    for (const sort of ['-rank', 'rank', 'tag', '-tag', 'updatedAt,-tag']) {
      const call = { path: { id, repo: 'acme/deep/er/app' }, query: { withDigests: false, sort, q: '1.1.' } };
      const rows = await readToEnd(portolan, { operationId: 'listRepositoryTags', member: 'tags' }, call, 33);
      expect(new Set(rows.map(({ tag }) => tag)).size).toBe(100);
      if (sort === 'rank') expect(rows.map(({ tag }) => tag).slice(0, 3)).toEqual(['1.1.0', '1.1.1', '1.1.2']);
      if (sort === 'tag') expect(rows.map(({ tag }) => tag).slice(0, 3)).toEqual(['1.1.0', '1.1.1', '1.1.10']);
    }
  });

  test('the cursor holds while tags come and go', async () => {
    const fresh = await connectionTo(portolan, envId, registry);
    const page = await list(fresh.id, 'acme/app', { limit: 2, withDigests: false });
    expect(tagsOf(page)).toHaveLength(2);
    await pushImage(registry, 'acme/app', ['2.0.0']);
    const other = await connectionTo(portolan, envId, registry);
    const all = tagsOf(await list(other.id, 'acme/app', { withDigests: false }));
    expect(all[0]).toBe('2.0.0');
    const next = await list(fresh.id, 'acme/app', { limit: 9, cursor: page.body.nextCursor, withDigests: false });
    expect([...tagsOf(page), ...tagsOf(next)]).toEqual(all.slice(1));
  });

  test('the prefix of the connection is put in front, unless it is there', async () => {
    const prefixed = await connectionTo(portolan, envId, registry, { repositoryPrefix: 'acme' });
    for (const repo of ['app', 'acme/app']) expect((await list(prefixed.id, repo)).status).toBe(200);
  });

  test('a slash in the name is part of the parameter only when it is encoded', async () => {
    const at = (repo: string) => portolan.send('GET', `/api/registries/${id}/repositories/${repo}/tags`);
    expect((await at('acme%2Fapp')).status).toBe(200);
    expect((await at('acme%2fdeep%2Fer%2fapp')).status).toBe(200);
    const plain = await at('acme/app');
    expect([plain.status, plain.body.hint]).toEqual([404, expect.stringContaining('%2F')]);
    // Encoded twice it is another name, and none of a repository.
    expect((await at('acme%252Fapp')).body).toMatchObject({
      message: expect.stringContaining('"acme%2Fapp" can be the name of no repository'),
      hint: 'Encode "/" only once, as %2F.',
    });
    expect((await at('Acme%2Fapp')).body.hint).toBe('Repositories are in lower case: "acme".');
  });

  test('404: a repository that the registry does not have, and names that none can have', async () => {
    const answer = await list(id, 'acme/nothing');
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
    expect(answer.body.message).toContain('acme/nothing');
    for (const repo of ['../../v2/_catalog', 'acme/app:1', 'Acme/App', 'a b', 'acme//app', 'a?b', 'a#b']) {
      expect([repo, (await list(id, repo)).status]).toEqual([repo, 404]);
    }
  });
});

describe('200: a list that is cut', () => {
  test('by its cap, it says so', async () => {
    const few = await startPortolan({ REGISTRY_MAX_TAGS: '10' });
    const here = await environment(few);
    const tags = Array.from({ length: 500 }, (_, n) => `v${n}`);
    const fake = await fakeRegistry((request, response) => {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(request.url?.includes('tags') ? JSON.stringify({ name: 'acme/app', tags }) : '{}');
    });
    const id = await registryRow(few, here, { registry_url: fake.url });
    const answer = await few.call('listRepositoryTags', { path: { id, repo: 'acme/app' }, query: { withDigests: 'false' } });
    expect(answer.body).toMatchObject({ total: 100, truncated: true });
    // A setting goes before the variable, and acts on the next request.
    await few.call('updateSystemSettings', { body: { registryMaxTags: 20 } });
    const more = await few.call('listRepositoryTags', { path: { id, repo: 'acme/app' }, query: { withDigests: 'false' } });
    expect(more.body).toMatchObject({ total: 200, truncated: true });
    await fake.close();
    await few.close();
  });
});

describe('502 and 503', () => {
  test('what a registry says that is no list of tags', async () => {
    const fake = await fakeRegistry((_request, response) => response.writeHead(200).end('<html>'));
    const id = await registryRow(portolan, envId, { registry_url: fake.url });
    const answer = await list(id, 'acme/app');
    expect([answer.status, answer.body.details.upstream.reason]).toEqual([502, 'bad_response']);
    await fake.close();
  });

  test('throttling in the middle of the digests', async () => {
    const fake = await fakeRegistry((request, response) => {
      if (request.method === 'HEAD') return response.writeHead(429, { 'retry-after': '700' }).end();
      return response.writeHead(200, { 'content-type': 'application/json' }).end('{"name":"acme/app","tags":["1","2"]}');
    });
    const id = await registryRow(portolan, envId, { registry_url: fake.url });
    const answer = await list(id, 'acme/app');
    expect([answer.status, answer.body.details.upstream.reason]).toEqual([503, 'rate_limited']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(600);
    await fake.close();
  });
});

describe('403 and 404', () => {
  test('a scope for images is none for registries; a foreign token does not see the connection', async () => {
    const id = await registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9' });
    const images = await token(portolan, { scopes: ['images:read'] });
    expect((await list(id, 'acme/app', {}, { token: images.token })).body.code).toBe('FORBIDDEN_SCOPE');
    const foreign = await token(portolan, { environments: [await environment(portolan)] });
    expect((await list(id, 'acme/app', {}, { token: foreign.token })).status).toBe(404);
  });
});
