import type { RegistryAccess } from '../../../src/integrations/oci/access';
import { createRegistryClient } from '../../../src/integrations/oci/client';
import type { ApiRequest } from '../../../src/integrations/oci/dialects/apiCall';
import { createDockerHub, type DockerHub } from '../../../src/integrations/oci/dialects/dockerHub';
import { OptionalRefused, RegistryFailure } from '../../../src/integrations/oci/failure';
import { digestOf, type FakeDockerHub, startFakeDockerHub } from '../../support/fakeDockerHub';
import { startLoopbackServer } from '../../support/loopbackServer';
import { plainApiCall } from '../../support/plainApiCall';

let fake: FakeDockerHub;
let hub: DockerHub;
let nowMs: number;
let sent: ApiRequest[];

beforeEach(async () => {
  fake = await startFakeDockerHub();
  nowMs = Date.now();
  sent = [];
  hub = createDockerHub(
    (request) => {
      sent.push(request);
      return plainApiCall(request);
    },
    fake.url,
    () => nowMs,
  );
  fake.accounts.set('acme', { username: 'acme', password: 'right', accessTokens: ['dckr_pat_good'], secondFactor: false });
});

afterEach(() => fake.close());

const access = (parts: Partial<RegistryAccess> = {}): RegistryAccess => ({
  key: 'one',
  name: 'the hub',
  type: 'dockerhub',
  registryUrl: 'docker.io',
  repositoryPrefix: null,
  username: 'acme',
  password: 'right',
  token: null,
  ...parts,
});
const anonymous = (parts: Partial<RegistryAccess> = {}) => access({ username: null, password: null, ...parts });

const tagsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `1.${index}`, digest: digestOf(index), full_size: index }));

const hold = (name: string, count: number, isPrivate = false) =>
  fake.repositories.set(name, { private: isPrivate, tags: tagsOf(count) });

async function failureOf(work: Promise<unknown>): Promise<RegistryFailure> {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(RegistryFailure);
  return error as RegistryFailure;
}

const logins = () => fake.count('/v2/auth/token') + fake.count('/v2/users/login');

describe('tags', () => {
  it('come from all pages, with digest, size and time of the push', async () => {
    hold('library/nginx', 250);
    fake.repositories.get('library/nginx')?.tags.push({
      name: 'latest',
      digest: digestOf(7),
      full_size: 71_234_567,
      last_updated: '2026-02-01T10:00:00.5Z',
      tag_last_pushed: '2026-02-03T10:00:00.123456Z',
    });
    const listing = await hub.tags(anonymous(), 'library/nginx');
    expect(listing?.truncated).toBe(false);
    expect(listing?.entries).toHaveLength(251);
    expect(listing?.entries[0]).toEqual({
      tag: '1.0',
      digest: digestOf(0),
      sizeBytes: 0,
      updatedAt: '2026-01-01T00:00:00.123Z',
    });
    expect(listing?.entries[250]).toEqual({
      tag: 'latest',
      digest: digestOf(7),
      sizeBytes: 71_234_567,
      updatedAt: '2026-02-03T10:00:00.123Z',
    });
    expect(fake.requests).toHaveLength(3);
  });

  it('of a name of one part are those of the official image', async () => {
    hold('library/nginx', 1);
    expect((await hub.tags(anonymous(), 'nginx'))?.entries).toHaveLength(1);
    expect(fake.requests[0]?.path).toBe('/v2/namespaces/library/repositories/nginx/tags');
  });

  it('stop at the cap, which shows', async () => {
    hold('acme/shop', 250);
    const cut = await hub.tags(anonymous(), 'acme/shop', { most: 120 });
    expect(cut?.truncated).toBe(true);
    expect(cut?.entries).toHaveLength(120);
    expect(fake.requests).toHaveLength(2);
    expect(await hub.tags(anonymous(), 'acme/shop', { most: 250 })).toMatchObject({ truncated: false });
    expect(await hub.tags(anonymous(), 'acme/shop', { most: 200 })).toMatchObject({ truncated: true });
    expect(fake.requests).toHaveLength(2 + 3 + 2);
  });

  it('of a repository without any are an empty list', async () => {
    hold('acme/empty', 0);
    expect(await hub.tags(anonymous(), 'acme/empty')).toEqual({ entries: [], truncated: false });
  });

  it('carry the id of the request that caused them', async () => {
    hold('acme/shop', 1);
    await hub.tags(access(), 'acme/shop', { requestId: 'cause-1' });
    expect(fake.requests.map(({ requestId }) => requestId)).toEqual(['cause-1', 'cause-1']);
  });

  it('that moved to the next page while the list was read are listed once', async () => {
    hold('acme/shop', 150);
    fake.fault = ({ query }) => {
      if (query.get('page') === '2') fake.repositories.get('acme/shop')?.tags.unshift({ name: 'new' });
      return undefined;
    };
    const names = (await hub.tags(anonymous(), 'acme/shop'))?.entries.map(({ tag }) => tag) ?? [];
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(150);
  });

  it.each([
    ['no member but the name', {}, { digest: null, sizeBytes: null, updatedAt: null }],
    ['a number as text', { full_size: '12' }, { sizeBytes: null }],
    ['a negative size', { full_size: -1 }, { sizeBytes: null }],
    ['a size that is no integer', { full_size: 1.5 }, { sizeBytes: null }],
    ['a digest of another form', { digest: 'sha256:abc' }, { digest: null }],
    ['a digest that is a number', { digest: 5 }, { digest: null }],
    ['the zero time', { tag_last_pushed: '0001-01-01T00:00:00Z' }, { updatedAt: null }],
    ['a time in words', { tag_last_pushed: 'yesterday' }, { updatedAt: null }],
    ['an impossible day', { tag_last_pushed: '2026-13-45T00:00:00Z' }, { updatedAt: null }],
  ])('with %s keep what can be read', async (_, odd, expected) => {
    fake.fault = () => ({ status: 200, body: { next: null, results: [{ name: '1.0', ...odd }] } });
    expect((await hub.tags(anonymous(), 'acme/shop'))?.entries).toEqual([
      { tag: '1.0', digest: null, sizeBytes: null, updatedAt: null, ...expected },
    ]);
  });

  it('that cannot be tags are left out', async () => {
    const results = [
      null,
      5,
      'text',
      [],
      {},
      { name: 5 },
      { name: '' },
      { name: '../x' },
      { name: 'a'.repeat(200) },
      { name: 'ok' },
    ];
    fake.fault = () => ({ status: 200, body: { next: null, results } });
    expect((await hub.tags(anonymous(), 'acme/shop'))?.entries.map(({ tag }) => tag)).toEqual(['ok']);
  });

  it.each<[string, number, unknown]>([
    ['does not know the repository', 404, { message: 'object not found' }],
    ['does not know the path', 404, '<html>404</html>'],
    ['fails', 500, { message: 'internal' }],
    ['is away for a while', 503, '<html>maintenance</html>'],
    ['does not show the repository', 403, { message: 'permission denied' }],
    ['answers a web page', 200, '<html>log in</html>'],
    ['answers a list', 200, []],
    ['answers null', 200, null],
    ['leaves out the results', 200, { count: 1 }],
    ['has text for results', 200, { results: 'x' }],
    ['has only entries that cannot be read', 200, { results: [1, 2] }],
    ['has a number for the next page', 200, { results: [], next: 5 }],
    ['answers nothing', 200, undefined],
  ])('are left to the distribution protocol when the API %s', async (_, status, body) => {
    fake.fault = () => ({ status, body });
    expect(await hub.tags(anonymous(), 'acme/shop')).toBeNull();
  });

  it('are left to the protocol when a later page fails: half a list is none', async () => {
    hold('acme/shop', 250);
    fake.fault = ({ query }) => (query.get('page') === '3' ? { status: 500 } : undefined);
    expect(await hub.tags(anonymous(), 'acme/shop')).toBeNull();
  });

  it.each(['a/b/c', 'acme/..', '../acme', 'acme/', 'acme//'])('of %s are not asked for', async (path) => {
    expect(await hub.tags(anonymous(), path)).toBeNull();
    expect(fake.requests).toHaveLength(0);
  });

  it('are not asked for again for a minute when the API cannot be reached', async () => {
    await fake.close();
    expect(await hub.tags(anonymous(), 'acme/shop')).toBeNull();
    expect(await hub.tags(anonymous(), 'acme/shop')).toBeNull();
    expect(sent).toHaveLength(1);
    nowMs += 61_000;
    expect(await hub.tags(anonymous(), 'acme/shop')).toBeNull();
    expect(sent).toHaveLength(2);
  });

  it('are not left to the protocol when the API asks to wait', async () => {
    fake.fault = () => ({ status: 429, headers: { 'retry-after': '120' }, body: { detail: 'Rate limit exceeded' } });
    const { failure } = await failureOf(hub.tags(anonymous(), 'acme/shop'));
    expect(failure).toMatchObject({ reason: 'rate_limited', status: 429 });
    expect(Date.parse(failure.retryAt ?? '')).toBeGreaterThan(Date.now() + 60_000);
  });

  it('are not left to the protocol when little of the rate limit is left', async () => {
    const refusing = createDockerHub(async () => {
      throw new OptionalRefused('the hub', 'hub.docker.com', {
        reason: 'rate_limited',
        message: 'Little is left.',
        hint: 'Wait.',
      });
    }, fake.url);
    expect(await failureOf(refusing.tags(anonymous(), 'acme/shop', { optional: true }))).toBeInstanceOf(OptionalRefused);
  });
});

describe('the next page', () => {
  const page = (next: unknown, name: string) => ({ status: 200, body: { next, results: [{ name }] } });

  it.each(['https://evil.example/v2/x', 'http://127.0.0.1:1/v2/x', '//evil.example/x', 'file:///etc/passwd'])(
    'at %s is not asked for',
    async (next) => {
      fake.fault = () => page(next, 'shop');
      const { failure } = await failureOf(hub.repositories(access()));
      expect(failure).toMatchObject({ reason: 'bad_response', host: new URL(fake.url).host, name: 'the hub' });
      expect(sent.every(({ url }) => new URL(url).origin === fake.url)).toBe(true);
    },
  );

  it('with a user name in it is not asked for', async () => {
    fake.fault = () => page(fake.url.replace('http://', 'http://user:pass@'), 'shop');
    expect((await failureOf(hub.repositories(anonymous({ repositoryPrefix: 'acme' })))).failure.reason).toBe('bad_response');
    expect(fake.requests).toHaveLength(1);
  });

  it('may be relative', async () => {
    fake.fault = ({ query }) => page(query.get('page') === '2' ? null : '?page=2', `p${query.get('page')}`);
    const { entries } = await hub.repositories(anonymous({ repositoryPrefix: 'acme' }));
    expect(entries.map(({ name }) => name)).toEqual(['acme/p1', 'acme/p2']);
  });

  it('that was read before ends the reading', async () => {
    fake.fault = ({ query }) => page(`${fake.url}/v2/x?page=${query.get('page') === '2' ? 1 : 2}`, `p${query.get('page')}`);
    expect((await failureOf(hub.repositories(anonymous({ repositoryPrefix: 'acme' })))).failure.reason).toBe('bad_response');
    expect(fake.requests.length).toBeLessThanOrEqual(4);
  });

  it('always new, with nothing new on it, ends the reading', async () => {
    fake.fault = ({ query }) => page(`${fake.url}/v2/x?page=${Number(query.get('page')) + 1}`, 'same');
    expect((await failureOf(hub.repositories(anonymous({ repositoryPrefix: 'acme' })))).failure.reason).toBe('bad_response');
    expect(fake.requests.length).toBeLessThanOrEqual(5);
  });

  it('does not come when the time is over: what was read is shown as cut', async () => {
    hold('acme/shop', 250);
    const ending = new AbortController();
    fake.fault = ({ query }) => {
      if (query.get('page') === '2') ending.abort();
      return undefined;
    };
    const listing = await hub.tags(anonymous(), 'acme/shop', { signal: ending.signal });
    expect(listing).toMatchObject({ truncated: true });
    expect(listing?.entries).toHaveLength(100);
  });
});

describe('repositories', () => {
  it('are those of the prefix, under their full names', async () => {
    for (let index = 0; index < 130; index++) hold(`bitnami/app${index}`, 1);
    hold('acme/shop', 1);
    const { entries, truncated } = await hub.repositories(anonymous({ repositoryPrefix: 'bitnami' }));
    expect(truncated).toBe(false);
    expect(entries).toHaveLength(130);
    expect(entries[0]).toEqual({ name: 'bitnami/app0', tagCount: null });
  });

  it('are those of the user without a prefix, with the private ones', async () => {
    hold('acme/shop', 1);
    hold('acme/secret', 1, true);
    expect((await hub.repositories(access())).entries.map(({ name }) => name)).toEqual(['acme/shop', 'acme/secret']);
    expect((await hub.repositories(anonymous({ repositoryPrefix: 'acme' }))).entries.map(({ name }) => name)).toEqual([
      'acme/shop',
    ]);
  });

  it('of nobody in particular are refused with the way out', async () => {
    const { failure, hint } = await failureOf(hub.repositories(anonymous()));
    expect(failure).toMatchObject({ kind: 'registry', reason: 'not_found' });
    expect(hint).toContain('repositoryPrefix');
    expect(fake.requests).toHaveLength(0);
  });

  it('of a namespace that does not exist are refused with the way out', async () => {
    const { failure, hint } = await failureOf(hub.repositories(anonymous({ repositoryPrefix: 'nobody' })));
    expect(failure).toMatchObject({ reason: 'not_found', status: 404 });
    expect(failure.message).toContain('"nobody"');
    expect(hint).toContain('repositoryPrefix');
  });

  it.each<[string, number, unknown, string, number | undefined]>([
    ['a refusal', 403, { message: 'permission denied' }, 'forbidden', 403],
    ['a failure', 500, 'oops', 'bad_response', 500],
    ['a status that nobody expects', 418, {}, 'bad_response', 418],
    ['a redirect that was not followed', 302, undefined, 'bad_response', 302],
    ['no results', 200, { count: 3 }, 'bad_response', 200],
    ['a missing body', 200, undefined, 'bad_response', 200],
    ['a web page', 200, '<html></html>', 'bad_response', 200],
    ['unreadable entries only', 200, { results: [{ name: 5 }] }, 'bad_response', undefined],
  ])('that answer %s fail with a reason', async (_, status, body, reason, shown) => {
    fake.fault = () => ({ status, body });
    const { failure } = await failureOf(hub.repositories(anonymous({ repositoryPrefix: 'acme' })));
    expect(failure.reason).toBe(reason);
    expect(failure.status).toBe(shown);
  });
});

describe('a login', () => {
  beforeEach(() => hold('acme/secret', 3, true));
  const secretTags = (parts: Partial<RegistryAccess> = {}, options = {}) => hub.tags(access(parts), 'acme/secret', options);

  it('by password opens private repositories, once for many requests', async () => {
    expect((await secretTags())?.entries).toHaveLength(3);
    expect((await secretTags())?.entries).toHaveLength(3);
    expect(logins()).toBe(1);
    expect(fake.requests[1]?.authorization).toBe(`Bearer ${fake.issued[0]}`);
  });

  it.each([{ password: 'dckr_pat_good' }, { password: null, token: 'dckr_pat_good' }])(
    'by access token works: %j',
    async (parts) => {
      expect((await secretTags(parts))?.entries).toHaveLength(3);
    },
  );

  it('prefers the password when both are stored', async () => {
    expect((await secretTags({ token: 'wrong' }))?.entries).toHaveLength(3);
  });

  it('of many requests at once happens once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => secretTags()));
    expect(logins()).toBe(1);
  });

  it('is asked for the older way where the newer is unknown', async () => {
    fake.loginPaths.delete('/v2/auth/token');
    expect((await secretTags())?.entries).toHaveLength(3);
    expect(fake.count('/v2/users/login')).toBe(1);
  });

  it('is renewed shortly before its end', async () => {
    await secretTags();
    nowMs += 560_000;
    await secretTags();
    expect(logins()).toBe(1);
    nowMs += 15_000;
    await secretTags();
    expect(logins()).toBe(2);
  });

  it('is renewed once when its token is refused', async () => {
    await secretTags();
    fake.revokeAll();
    expect((await secretTags())?.entries).toHaveLength(3);
    expect(logins()).toBe(2);
  });

  it('is not renewed again and again', async () => {
    fake.fault = ({ method }) => (method === 'GET' ? { status: 401, body: { message: 'unauthorized' } } : undefined);
    const { failure } = await failureOf(secretTags());
    expect(failure).toMatchObject({ reason: 'unauthorized', status: 401 });
    expect(logins()).toBe(2);
    expect(fake.requests).toHaveLength(4);
  });

  it('of several requests whose token is refused at once happens once more', async () => {
    await secretTags();
    fake.revokeAll();
    await Promise.all(Array.from({ length: 6 }, () => secretTags()));
    expect(logins()).toBeLessThanOrEqual(3);
  });

  it('that was renewed meanwhile is kept by those whose token was refused late', async () => {
    let refuseLate = () => {};
    let count = 0;
    const late = createDockerHub(async (request) => {
      if (request.bearer === fake.issued[0] && request.url.includes('/late/')) {
        await new Promise<void>((resolve) => {
          refuseLate = resolve;
        });
      }
      count++;
      return plainApiCall(request);
    }, fake.url);
    hold('acme/late', 1);
    await late.tags(access(), 'acme/secret');
    fake.revokeAll();
    const waiting = late.tags(access(), 'acme/late');
    await late.tags(access(), 'acme/secret');
    refuseLate();
    expect((await waiting)?.entries).toHaveLength(1);
    expect(logins()).toBe(2);
    expect(count).toBe(fake.requests.length);
  });

  it('that does not end is left by a caller whose time is over', async () => {
    const stuck = createDockerHub(() => new Promise(() => {}), fake.url);
    expect((await failureOf(stuck.tags(access(), 'acme/secret', { signal: AbortSignal.timeout(20) }))).cutOff).toBe(true);
  });

  it('is forgotten on request', async () => {
    await secretTags();
    hub.forget('one');
    await secretTags();
    expect(logins()).toBe(2);
  });

  it('of one connection is not used for another one', async () => {
    fake.accounts.set('other', { username: 'other', password: 'own', accessTokens: [], secondFactor: false });
    await secretTags();
    expect(await secretTags({ key: 'two', username: 'other', password: 'own' })).toBeNull();
    expect(logins()).toBe(2);
  });

  it('with a wrong password is unauthorized, and says what to check', async () => {
    const { failure, hint } = await failureOf(secretTags({ password: 'wrong' }));
    expect(failure).toMatchObject({ reason: 'unauthorized', status: 401, name: 'the hub', host: new URL(fake.url).host });
    expect(hint).toMatch(/username.*password/);
    expect((await failureOf(hub.repositories(access({ key: 'r', password: 'wrong' })))).failure.reason).toBe('unauthorized');
  });

  it('with a wrong password is not repeated for a minute: accounts get locked', async () => {
    await failureOf(secretTags({ password: 'wrong' }));
    const again = await Promise.all([1, 2, 3].map(() => failureOf(secretTags({ password: 'wrong' }))));
    expect(again.map(({ failure }) => failure.reason)).toEqual(['unauthorized', 'unauthorized', 'unauthorized']);
    expect(logins()).toBe(1);
    nowMs += 61_000;
    await failureOf(secretTags({ password: 'wrong' }));
    expect(logins()).toBe(2);
    hub.forget('one');
    await failureOf(secretTags({ password: 'wrong' }));
    expect(logins()).toBe(3);
  });

  it('that asks for a second factor says so, and that an access token helps', async () => {
    const account = fake.accounts.get('acme');
    if (account) account.secondFactor = true;
    const { failure, hint } = await failureOf(secretTags());
    expect(failure.reason).toBe('unauthorized');
    expect(failure.message).toContain('second factor');
    expect(hint).toContain('access token');
    expect((await secretTags({ key: 'by token', password: 'dckr_pat_good' }))?.entries).toHaveLength(3);
  });

  it('that is throttled is told apart from a wrong password', async () => {
    fake.fault = ({ method }) =>
      method === 'POST'
        ? { status: 429, headers: { 'retry-after': '300' }, body: { detail: 'Too many failed login attempts' } }
        : undefined;
    const { failure } = await failureOf(secretTags());
    expect(failure).toMatchObject({ reason: 'rate_limited', status: 429 });
    expect(failure.message).toContain('logins');
    expect(failure.retryAt).toBeDefined();
  });

  it('that is forbidden is told apart from a wrong password', async () => {
    fake.fault = ({ method }) => (method === 'POST' ? { status: 403, body: { message: 'SSO enforced' } } : undefined);
    const { failure } = await failureOf(hub.repositories(access()));
    expect(failure).toMatchObject({ reason: 'forbidden', status: 403 });
  });

  it.each<[string, unknown]>([
    ['no token', {}],
    ['a number', { access_token: 5 }],
    ['an empty token', { access_token: '' }],
    ['a token with a line break', { access_token: 'a\r\nX-Evil: 1' }],
    ['a web page', '<html></html>'],
    ['nothing', undefined],
    ['a list', ['token']],
  ])('that answers %s is a bad response', async (_, body) => {
    fake.fault = ({ method }) => (method === 'POST' ? { status: 200, body } : undefined);
    expect((await failureOf(hub.repositories(access()))).failure.reason).toBe('bad_response');
  });

  it('whose token is no JWT is kept for some minutes', async () => {
    fake.fault = ({ method }) =>
      method === 'POST' ? { status: 200, body: { access_token: 'opaque' } } : { status: 200, body: { results: [] } };
    await secretTags();
    nowMs += 4 * 60_000;
    await secretTags();
    expect(logins()).toBe(1);
    nowMs += 60_000;
    await secretTags();
    expect(logins()).toBe(2);
  });

  it('goes on for the others when one caller leaves', async () => {
    const leaving = new AbortController();
    fake.fault = ({ method }) => {
      if (method === 'POST') leaving.abort();
      return undefined;
    };
    const left = failureOf(secretTags({}, { signal: leaving.signal }));
    const stayed = secretTags();
    expect((await left).cutOff).toBe(true);
    expect((await stayed)?.entries).toHaveLength(3);
    expect(logins()).toBe(1);
  });

  it('is not made for a caller who has left before', async () => {
    expect((await failureOf(secretTags({}, { signal: AbortSignal.abort() }))).cutOff).toBe(true);
  });

  it('that was forgotten on its way is not kept', async () => {
    const first = secretTags();
    hub.forget('one');
    await first;
    await secretTags();
    expect(logins()).toBe(2);
  });
});

it('shows anonymous callers that a log in is needed', async () => {
  fake.fault = () => ({ status: 401, body: { message: 'unauthorized' } });
  const { failure, hint } = await failureOf(hub.repositories(anonymous({ repositoryPrefix: 'acme' })));
  expect(failure).toMatchObject({ reason: 'unauthorized', status: 401 });
  expect(hint).toContain('username');
  expect(fake.requests).toHaveLength(1);
});

it('percent-encodes what stands in a path', async () => {
  await hub.repositories(anonymous({ repositoryPrefix: 'a?b#c%2e' })).catch(() => {});
  expect(fake.requests[0]?.path).toBe('/v2/namespaces/a%3Fb%23c%252e/repositories');
});

it('keeps a path in the base URL', async () => {
  fake.fault = () => ({ status: 200, body: { results: [] } });
  await createDockerHub(plainApiCall, `${fake.url}/proxy/`).repositories(anonymous({ repositoryPrefix: 'acme' }));
  expect(fake.requests[0]?.path).toBe('/proxy/v2/namespaces/acme/repositories');
});

it('serves the registry client, which asks the protocol for what this API does not have', async () => {
  hold('acme/secret', 150, true);
  const registry = await startLoopbackServer(({ path }) =>
    path === '/v2/acme/mirrored/tags/list'
      ? { status: 200, body: { name: 'acme/mirrored', tags: ['1.0'] } }
      : { status: 200, body: {} },
  );
  const client = createRegistryClient({
    version: '0.0.0',
    timeoutMs: 3000,
    maxConcurrencyPerHost: 4,
    caFile: null,
    allowHttp: true,
    realmHosts: [],
    dockerHubApiUrl: fake.url,
    dockerHubRegistryUrl: registry.url,
    digitalOceanApiUrl: 'https://digitalocean.invalid',
    digitalOceanRegistryUrl: 'https://digitalocean.invalid',
  });
  try {
    expect((await client.repositories(access())).entries).toEqual([{ name: 'acme/secret', tagCount: null }]);
    expect((await client.tags(access(), 'acme/secret')).entries).toHaveLength(150);
    expect(logins()).toBe(1);
    expect((await client.tags(access(), 'acme/mirrored')).entries).toEqual([
      { tag: '1.0', digest: null, sizeBytes: null, updatedAt: null },
    ]);
    client.forget('one');
    await client.tags(access(), 'acme/secret');
    expect(logins()).toBe(2);
  } finally {
    await client.close();
    await registry.close();
  }
});
