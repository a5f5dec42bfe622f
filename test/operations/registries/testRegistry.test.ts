import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { describeWithRegistry } from '../../support/registry/binary';
import { pushImage } from '../../support/registry/images';
import { startRegistry, type TestRegistry } from '../../support/registry/registry';
import { connectionTo, type FakeRegistry, fakeRegistry } from '../../support/registry/scene';
import { registryRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const test_ = (id: string, body?: object, more: object = {}) =>
  portolan.call('testRegistry', { path: { id }, ...(body ? { body } : {}), ...more });
const audited = (id: string) =>
  portolan.sql(
    `select success, error, details from audit_logs where action = 'test' and resource_id = $1 order by created_at, id`,
    [id],
  );
const states = (checks: { name: string; ok: boolean; skipped: boolean }[]) =>
  checks.map(({ name, ok, skipped }) => `${name} ${skipped ? 'skipped' : ok ? 'ok' : 'failed'}`);

describeWithRegistry.each(['none', 'htpasswd', 'token'] as const)('200: a registry with %s', (auth) => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry({ auth });
    await pushImage(registry, 'acme/app', ['1.0.0']);
  });
  afterAll(() => registry.close());

  test('passes every check, and is audited', async () => {
    const { id } = await connectionTo(portolan, envId, registry);
    const answer = await test_(id, { repository: 'acme/app' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ success: true, message: expect.stringContaining(registry.host), rateLimit: null });
    expect(states(answer.body.checks)).toEqual(['dns_tls ok', 'api_version ok', 'authentication ok', 'repository ok']);
    expect(await audited(id)).toEqual([{ success: true, error: null, details: { repository: 'acme/app', reason: null } }]);
    if (registry.password) expect(answer.text).not.toContain(registry.password);
  });

  test('is found through the prefix of the connection', async () => {
    const { id } = await connectionTo(portolan, envId, registry, { repositoryPrefix: 'acme' });
    expect((await test_(id, { repository: 'app' })).status).toBe(200);
  });
});

describeWithRegistry('502: a registry that does not do as asked', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'htpasswd' });
    await pushImage(registry, 'acme/app', ['1.0.0']);
  });
  afterAll(() => registry.close());

  test('a wrong password is named as the cause, with the checks, and audited', async () => {
    const { id, name } = await connectionTo(portolan, envId, registry, { password: 'wrong-canary' });
    const answer = await test_(id);
    expect([answer.status, answer.body.code]).toEqual([502, 'SERVICE_UNAVAILABLE']);
    expect(answer.body.details.upstream).toMatchObject({
      kind: 'registry',
      name,
      host: registry.host,
      status: 401,
      reason: 'unauthorized',
    });
    expect(answer.body.hint).toEqual(expect.any(String));
    expect(states(answer.body.details.checks)).toEqual([
      'dns_tls ok',
      'api_version ok',
      'authentication failed',
      expect.stringContaining('skipped'),
    ]);
    expect(await audited(id)).toEqual([
      { success: false, error: answer.body.message, details: { repository: null, reason: 'unauthorized' } },
    ]);
    expect(answer.text).not.toContain('canary');
  });

  test('no credentials where some are needed is no success', async () => {
    const id = await registryRow(portolan, envId, { registry_url: registry.url });
    expect((await test_(id)).body.details.upstream.reason).toBe('unauthorized');
  });

  test('a repository that is not there is told as such', async () => {
    const { id } = await connectionTo(portolan, envId, registry);
    const answer = await test_(id, { repository: 'acme/nothing' });
    expect([answer.status, answer.body.details.upstream.reason]).toEqual([502, 'not_found']);
    expect(states(answer.body.details.checks).at(-1)).toBe('repository failed');
  });

  test('a stopped registry refuses the connection', async () => {
    const stopped = await startRegistry();
    const { id } = await connectionTo(portolan, envId, stopped);
    await stopped.stop();
    const answer = await test_(id);
    expect([answer.status, answer.body.details.upstream.reason]).toEqual([502, 'connection_refused']);
    expect(states(answer.body.details.checks)[0]).toBe('dns_tls failed');
    await stopped.close();
  });

  test('works again once the credentials are mended: no verdict is kept', async () => {
    const { id } = await connectionTo(portolan, envId, registry, { password: 'wrong' });
    expect((await test_(id)).status).toBe(502);
    await portolan.call('updateRegistry', { path: { id }, body: { password: registry.password } });
    expect((await test_(id)).status).toBe(200);
  });
});

describe('503: a registry that wants to be left alone', () => {
  let fake: FakeRegistry;
  afterEach(() => fake.close());

  test('rate limited: when to come again is told twice', async () => {
    fake = await fakeRegistry((_request, response) => response.writeHead(429, { 'retry-after': '900' }).end());
    const id = await registryRow(portolan, envId, { registry_url: fake.url });
    const answer = await test_(id);
    expect([answer.status, answer.body.details.upstream.reason]).toEqual([503, 'rate_limited']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(800);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(900);
    const waitMs = Date.parse(answer.body.details.upstream.retryAt) - Date.now();
    expect(waitMs).toBeGreaterThan(800_000);
  });
});

describe('400', () => {
  test.each([
    ['acme/app:1', 'Write only "acme/app".'],
    ['127.0.0.1:5000/acme/app', 'Write only what follows it: "acme/app".'],
  ])('the repository %j is told what to write instead', async (repository, hint) => {
    const id = await registryRow(portolan, envId);
    expect((await test_(id, { repository })).body.hint).toBe(hint);
  });

  test.each(['', 'Acme/App', 'acme/app:1', '/acme', 'a b', '../secret'])('the repository %j', async (repository) => {
    const id = await registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9' });
    const answer = await test_(id, { repository });
    expect([answer.status, answer.body.field]).toEqual([400, 'repository']);
  });
});

describe('403 and 404', () => {
  test('a viewer may not; a token for another environment does not see it', async () => {
    const id = await registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9' });
    const viewer = await token(portolan, { role: 'viewer' });
    expect((await test_(id, undefined, { token: viewer.token })).status).toBe(403);
    const foreign = await token(portolan, { environments: [await environment(portolan)] });
    expect((await test_(id, undefined, { token: foreign.token })).status).toBe(404);
  });
});

describe('Idempotency-Key', () => {
  test('a success is answered again without asking the registry; a failure is not kept', async () => {
    let refuse = true;
    const fake = await fakeRegistry((_request, response) => {
      response.writeHead(refuse ? 500 : 200, { 'content-type': 'application/json' }).end('{"repositories":[]}');
    });
    const id = await registryRow(portolan, envId, { registry_url: fake.url });
    const headers = { 'idempotency-key': unique('key') };
    expect((await test_(id, {}, { headers })).status).toBe(502);
    refuse = false;
    const first = await test_(id, {}, { headers });
    expect([first.status, first.headers['idempotent-replayed']]).toEqual([200, undefined]);
    const asked = fake.seen.length;
    const again = await test_(id, {}, { headers });
    expect([again.status, again.headers['idempotent-replayed'], again.body]).toEqual([200, 'true', first.body]);
    expect(fake.seen).toHaveLength(asked);
    expect((await test_(id, { repository: 'acme/app' }, { headers })).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await audited(id)).toHaveLength(2);
    await fake.close();
  });
});
