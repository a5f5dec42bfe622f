import type { RegistryAccess, RegistryClient } from '../../../src/integrations/oci/client';
import { RegistryFailure } from '../../../src/integrations/oci/failure';
import { describeWithRegistry } from '../../support/registry/binary';
import { accessTo, anonymousAt, clientFor } from '../../support/registry/client';
import { pushImage } from '../../support/registry/images';
import { defaultPassword, defaultUser, startRegistry, type TestRegistry } from '../../support/registry/registry';
import type { TokenServer } from '../../support/registry/tokenServer';

/** How a connection gets into a real registry, and what it is told when it does not. */

const failureOf = async (work: Promise<unknown>): Promise<RegistryFailure> => {
  const outcome = await work.then(
    (value) => new Error(`answered ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (!(outcome instanceof RegistryFailure)) throw outcome;
  return outcome;
};
const summary = async (client: RegistryClient, access: RegistryAccess, repository: string | null = null) => {
  const { checks, failure } = await client.test(access, repository);
  return {
    checks: checks.map(({ name, ok, skipped }) => `${name} ${skipped ? 'skipped' : ok ? 'ok' : 'failed'}`),
    reason: failure?.failure.reason ?? null,
  };
};
const tagsOf = async (client: RegistryClient, access: RegistryAccess, path = 'acme/api') =>
  (await client.tags(access, path)).entries.map(({ tag }) => tag);
const allWell = (last: 'catalog' | 'repository') => ({
  checks: ['dns_tls ok', 'api_version ok', 'authentication ok', `${last} ok`],
  reason: null,
});

describeWithRegistry('each way to authenticate, over http and over https with a private authority', () => {
  describe.each([
    ['none', false],
    ['none', true],
    ['htpasswd', false],
    ['htpasswd', true],
    ['token', false],
    ['token', true],
  ] as const)('%s, TLS: %s', (auth, tls) => {
    let registry: TestRegistry;
    let client: RegistryClient;
    beforeAll(async () => {
      registry = await startRegistry({ auth, tls });
      client = clientFor(registry);
      await pushImage(registry, 'acme/api', ['1.0.0']);
    });
    afterAll(async () => {
      await client.close();
      await registry.close();
    });

    test('the test of the connection succeeds, with the catalog and with a repository', async () => {
      expect(await summary(client, accessTo(registry))).toEqual(allWell('catalog'));
      expect(await summary(client, accessTo(registry), 'acme/api')).toEqual(allWell('repository'));
    });

    test('repositories, tags and manifests can be read', async () => {
      const access = accessTo(registry);
      expect(await client.repositories(access)).toEqual({ entries: [{ name: 'acme/api', tagCount: null }], truncated: false });
      expect(await tagsOf(client, access)).toEqual(['1.0.0']);
      expect(await client.manifest(access, 'acme/api', '1.0.0')).toMatchObject({ digest: expect.stringMatching(/^sha256:/) });
    });

    if (auth === 'none') return;

    test.each([
      ['a wrong password', { password: 'sink-at-the-pier' }],
      ['an unknown user', { username: 'nobody' }],
    ])('%s is unauthorized, everywhere, and the answer repeats no secret', async (_, changes) => {
      const access = accessTo(registry, changes);
      const { checks, reason } = await summary(client, access);
      expect(reason).toBe('unauthorized');
      expect(checks).toEqual(['dns_tls ok', 'api_version ok', 'authentication failed', 'catalog skipped']);
      const works = [
        () => client.tags(access, 'acme/api'),
        () => client.manifest(access, 'acme/api', '1.0.0'),
        () => client.repositories(access),
      ];
      for (const work of works) {
        const { name, failure, hint } = await failureOf(work());
        expect(name).toBe('RegistryFailure');
        expect(failure).toMatchObject({ kind: 'registry', name: 'harbour', reason: 'unauthorized', status: 401 });
        expect(failure.message).toContain('127.0.0.1');
        expect(hint).toMatch(/username and password/);
        expect(JSON.stringify(failure) + hint).not.toContain(access.password);
      }
    });

    test('no credentials: nothing private is shown, and the answer says that a login is needed', async () => {
      const anonymous = anonymousAt(registry);
      const { checks, reason } = await summary(client, anonymous, 'acme/api');
      expect(reason).toBe('unauthorized');
      expect(checks.at(-1)).toMatch(/^repository (failed|skipped)$/);
      const { failure, hint } = await failureOf(client.tags(anonymous, 'acme/api'));
      expect(failure.reason).toBe('unauthorized');
      expect(hint).toMatch(/Store a username and a password/);
    });
  });
});

describeWithRegistry('a registry with htpasswd', () => {
  let registry: TestRegistry;
  let client: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'htpasswd' });
    client = clientFor(registry);
    await pushImage(registry, 'acme/api', ['1.0.0']);
  });
  afterAll(async () => {
    await client.close();
    await registry.close();
  });

  test('passwords of any characters work', async () => {
    const password = 'pä:ss wörd "§$%&/()=?';
    registry.setUsers({ [defaultUser]: defaultPassword, émile: password });
    expect(await tagsOf(client, accessTo(registry, { username: 'émile', password }))).toEqual(['1.0.0']);
  });

  test('a token in the place of the password works', async () => {
    expect(await tagsOf(client, accessTo(registry, { password: null, token: defaultPassword }))).toEqual(['1.0.0']);
  });

  test('a password that was changed at the registry: unauthorized, and well again with the new one', async () => {
    const access = accessTo(registry);
    expect(await tagsOf(client, access)).toEqual(['1.0.0']);
    registry.setUsers({ [defaultUser]: 'another-sea' });
    const { failure } = await failureOf(client.tags(access, 'acme/api'));
    expect(failure.reason).toBe('unauthorized');
    expect(await tagsOf(client, accessTo(registry, { password: 'another-sea' }))).toEqual(['1.0.0']);
    registry.setUsers({ [defaultUser]: defaultPassword });
  });

  test('one 401 at most for many requests: the challenge of a host is remembered', async () => {
    const fresh = clientFor(registry);
    const before = registry.seenRequests().length;
    for (let round = 0; round < 5; round++) await tagsOf(fresh, accessTo(registry));
    await fresh.close();
    const refused = registry
      .seenRequests()
      .slice(before)
      .filter(({ status }) => status === 401);
    expect(refused.length).toBeLessThanOrEqual(1);
  });
});

describeWithRegistry('a registry with a token server', () => {
  let registry: TestRegistry;
  let tokens: TokenServer;
  let client: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'token', publicPrefixes: ['open/'] });
    tokens = registry.tokenServer as TokenServer;
    for (const repository of ['acme/api', 'acme/web', 'open/tool']) await pushImage(registry, repository, ['1.0.0']);
  });
  beforeEach(() => {
    client = clientFor(registry);
    Object.assign(tokens, { refusal: () => null, staleTokens: 0, withheldActions: [], delayMs: 0, lifetimeSeconds: 300 });
    tokens.forgetRequests();
  });
  afterEach(() => client.close());
  afterAll(() => registry.close());

  const asked = () => tokens.requests.map(({ scopes }) => scopes.join(' '));

  test('one token for each repository, however many requests', async () => {
    const access = accessTo(registry);
    for (let round = 0; round < 3; round++) {
      await client.tags(access, 'acme/api');
      await client.manifest(access, 'acme/api', '1.0.0');
      await client.tags(access, 'acme/web');
    }
    expect(asked()).toEqual(['repository:acme/api:pull', 'repository:acme/web:pull']);
    expect(tokens.requests[0]).toMatchObject({ user: defaultUser, service: tokens.service });
  });

  test('calls at the same time share one token request', async () => {
    tokens.delayMs = 50;
    const access = accessTo(registry);
    await Promise.all(Array.from({ length: 20 }, () => client.manifest(access, 'acme/api', '1.0.0')));
    expect(asked()).toEqual(['repository:acme/api:pull']);
  });

  test('connections do not share tokens', async () => {
    await client.tags(accessTo(registry), 'acme/api');
    const { failure } = await failureOf(client.tags(accessTo(registry, { password: 'wrong' }), 'acme/api'));
    expect(failure.reason).toBe('unauthorized');
    expect(tokens.requests.map(({ status }) => status)).toEqual([200, 401]);
  });

  test('a token is not used after its announced life, less half a minute', async () => {
    let now = new Date();
    const aged = clientFor(registry, { now: () => now });
    const access = accessTo(registry);
    await aged.tags(access, 'acme/api');
    now = new Date(now.getTime() + 269_000);
    await aged.tags(access, 'acme/api');
    expect(tokens.requests).toHaveLength(1);
    now = new Date(now.getTime() + 2_000);
    await aged.tags(access, 'acme/api');
    expect(tokens.requests).toHaveLength(2);
    await aged.close();
  });

  test('a token that expired before its time is renewed once, and the caller does not notice', async () => {
    tokens.staleTokens = 1;
    expect(await tagsOf(client, accessTo(registry))).toEqual(['1.0.0']);
    expect(asked()).toEqual(['repository:acme/api:pull', 'repository:acme/api:pull']);
  });

  test('a kept token that expired meanwhile is renewed once', async () => {
    const access = accessTo(registry);
    // One second, and the registry's own leeway is taken into account.
    tokens.lifetimeSeconds = 1;
    expect(await tagsOf(client, access)).toEqual(['1.0.0']);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    tokens.lifetimeSeconds = 300;
    expect(await tagsOf(client, access)).toEqual(['1.0.0']);
    expect(await tagsOf(client, access)).toEqual(['1.0.0']);
    expect(tokens.requests).toHaveLength(2);
  });

  test('tokens that are always expired: unauthorized after one renewal, no endless asking', async () => {
    tokens.staleTokens = 1000;
    const { failure } = await failureOf(client.tags(accessTo(registry), 'acme/api'));
    expect(failure).toMatchObject({ reason: 'unauthorized', status: 401 });
    expect(tokens.requests.length).toBeLessThanOrEqual(2);
  });

  test('a revoked user: unauthorized as soon as the kept token is over, with the cause named', async () => {
    const access = accessTo(registry);
    tokens.lifetimeSeconds = 1;
    expect(await tagsOf(client, access)).toEqual(['1.0.0']);
    tokens.users.delete(defaultUser);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const { failure, hint } = await failureOf(client.tags(access, 'acme/api'));
    tokens.users.set(defaultUser, defaultPassword);
    expect(failure).toMatchObject({ reason: 'unauthorized', status: 401, host: new URL(tokens.realm).host });
    expect(failure.message).toMatch(/token server.*does not accept the credentials of "harbour"/);
    expect(hint).toMatch(/revoked/);
  });

  test('a pre-issued bearer works as it is, and nobody asks the token server', async () => {
    const token = tokens.issue([{ type: 'repository', name: 'acme/api', actions: ['pull'] }]);
    const access = accessTo(registry, { username: null, password: null, token });
    expect(await tagsOf(client, access)).toEqual(['1.0.0']);
    expect(tokens.requests).toEqual([]);
  });

  test('a pre-issued bearer that has expired is unauthorized, and the hint says what to do', async () => {
    const token = tokens.issue([{ type: 'repository', name: 'acme/api', actions: ['pull'] }], { lifetimeSeconds: -5 });
    const { failure, hint } = await failureOf(
      client.tags(accessTo(registry, { username: null, password: null, token }), 'acme/api'),
    );
    expect(failure).toMatchObject({ reason: 'unauthorized', status: 401 });
    expect(hint).toMatch(/token may have expired or been revoked/);
    expect(JSON.stringify(failure)).not.toContain(token);
  });

  test('a public repository can be read by anybody, with an anonymous token', async () => {
    expect(await tagsOf(client, anonymousAt(registry), 'open/tool')).toEqual(['1.0.0']);
    expect(tokens.requests).toMatchObject([{ user: null, scopes: ['repository:open/tool:pull'], status: 200 }]);
    expect(await summary(client, anonymousAt(registry), 'open/tool')).toEqual(allWell('repository'));
  });

  test('without credentials the connection is well once it got an anonymous token', async () => {
    expect(await summary(client, anonymousAt(registry))).toEqual(allWell('catalog'));
    tokens.refusal = () => 401;
    expect(await summary(client, anonymousAt(registry))).toMatchObject({ reason: 'unauthorized' });
  });

  test('a right that the user does not have is forbidden and named, and is not mistaken for a wrong password', async () => {
    tokens.withheldActions = ['pull'];
    const { failure, hint } = await failureOf(client.tags(accessTo(registry), 'acme/api'));
    expect(failure).toMatchObject({ reason: 'forbidden', status: 401 });
    expect(failure.message).toContain('acme/api');
    expect(hint).toMatch(/right to read/);
    expect(await summary(client, accessTo(registry), 'acme/api')).toEqual({
      checks: ['dns_tls ok', 'api_version ok', 'authentication ok', 'repository failed'],
      reason: 'forbidden',
    });
  });

  test.each([
    ['gives a token without the right', () => Object.assign(tokens, { withheldActions: ['*'] })],
    [
      'gives no token',
      () => Object.assign(tokens, { refusal: (scopes: string[]) => (`${scopes}`.includes('catalog') ? 403 : null) }),
    ],
    [
      'knows nobody who may',
      () => Object.assign(tokens, { refusal: (scopes: string[]) => (`${scopes}`.includes('catalog') ? 401 : null) }),
    ],
  ])('a catalog for which the token server %s is unsupported, and everything else works', async (_, withhold) => {
    withhold();
    const access = accessTo(registry);
    const { name, hint } = await failureOf(client.repositories(access));
    expect(name).toBe('CatalogUnsupported');
    expect(hint).toMatch(/name of the repository/);
    expect(await summary(client, access)).toEqual(allWell('catalog'));
    expect(await tagsOf(client, access)).toEqual(['1.0.0']);
  });

  test('a token server that is down is named', async () => {
    await tokens.stop();
    const { failure } = await failureOf(client.tags(accessTo(registry), 'acme/api'));
    const { reason } = await summary(client, accessTo(registry));
    await tokens.start();
    expect(failure).toMatchObject({ reason: 'connection_refused', host: new URL(tokens.realm).host });
    expect(reason).toBe('connection_refused');
    expect(await tagsOf(client, accessTo(registry))).toEqual(['1.0.0']);
  });

  test('a token server that fails is named, and is not taken for a wrong password', async () => {
    tokens.refusal = () => 500;
    const { failure } = await failureOf(client.tags(accessTo(registry), 'acme/api'));
    expect(failure).toMatchObject({ reason: 'bad_response', status: 500, host: new URL(tokens.realm).host });
  });
});
