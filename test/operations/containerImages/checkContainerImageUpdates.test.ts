import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { describeWithRegistry } from '../../support/registry/binary';
import { pushImage } from '../../support/registry/images';
import { startRegistry, type TestRegistry } from '../../support/registry/registry';
import { connectionTo, fakeRegistry, imageOf } from '../../support/registry/scene';
import { imageRow, pinDigest, registryRow, serviceRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const check = (id: string, more: object = {}) => portolan.call('checkContainerImageUpdates', { path: { id }, ...more });
const get = async (id: string) => (await portolan.call('getContainerImage', { path: { id } })).body.image;
const audited = (id: string) =>
  portolan.sql(
    `select success, error from audit_logs where action = 'check_updates' and resource_id = $1 order by created_at, id`,
    [id],
  );

describeWithRegistry('200', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'htpasswd' });
    await connectionTo(portolan, envId, registry);
  });
  afterAll(() => registry.close());
  const track = (path: string, members: object = {}) => imageOf(portolan, envId, registry, path, members);

  test('what is found is told, stored and audited', async () => {
    const { digest } = await pushImage(registry, 'acme/app', ['1.0.0', 'latest']);
    const { id } = await track('acme/app', { tagFilter: 'semver:*' });
    const answer = await check(id);
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        hasUpdate: false,
        tagFilter: 'semver:*',
        newestDigest: digest,
        newDigests: 1,
        updatedDigests: 0,
        lastCheckedAt: expect.any(String),
      },
    ]);
    expect(await get(id)).toMatchObject({
      latestTag: '1.0.0',
      latestDigest: { manifestDigest: digest },
      updateAvailable: false,
      lastCheckedAt: answer.body.lastCheckedAt,
      lastCheckError: null,
    });
    expect(await audited(id)).toEqual([{ success: true, error: null }]);
  });

  test('a newer tag is an update for what is pinned, and only then', async () => {
    await pushImage(registry, 'acme/pinned', ['1.0.0']);
    const { id } = await track('acme/pinned', { tagFilter: 'semver:^1' });
    expect((await check(id)).body.hasUpdate).toBe(false);
    const serviceId = await serviceRow(portolan, envId, { container_image_id: id });
    await pinDigest(portolan, serviceId, (await get(id)).latestDigest.id);
    const next = await pushImage(registry, 'acme/pinned', ['1.1.0'], { label: 'next' });
    const answer = await check(id);
    expect(answer.body).toMatchObject({ hasUpdate: true, newestDigest: next.digest, newDigests: 1 });
    expect(await get(id)).toMatchObject({ updateAvailable: true, latestTag: '1.1.0', currentTag: '1.0.0' });
  });

  test('many checks at once are one walk', async () => {
    await pushImage(registry, 'acme/shared', ['1.0.0']);
    const { id } = await track('acme/shared', { tagFilter: 'semver:*' });
    await check(id);
    const lists = () => registry.seenRequests().filter(({ path }) => path.includes('acme/shared/tags/list')).length;
    const before = lists();
    const answers = await Promise.all(Array.from({ length: 10 }, () => check(id)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(lists() - before).toBeLessThan(10);
  });

  test('a retry with the same Idempotency-Key reads nothing', async () => {
    await pushImage(registry, 'acme/keyed', ['1.0.0']);
    const { id } = await track('acme/keyed', { tagFilter: 'semver:*' });
    const headers = { 'idempotency-key': unique('key') };
    const first = await check(id, { headers });
    const again = await check(id, { headers });
    expect([again.status, again.headers['idempotent-replayed'], again.body]).toEqual([200, 'true', first.body]);
  });

  test('an order that nobody can know is no failure, and no update', async () => {
    await pushImage(registry, 'acme/hashes', ['abc1234f'], { label: '1', created: null });
    await pushImage(registry, 'acme/hashes', ['def5678a'], { label: '2', created: null });
    const { id } = await track('acme/hashes', { tagFilter: '*' });
    const answer = await check(id);
    expect([answer.status, answer.body.hasUpdate, answer.body.newestDigest]).toEqual([200, false, null]);
    expect((await get(id)).lastCheckError.reason).toBe('order_unknown');
  });

  test('502: what failed is told and stored, what was known stays', async () => {
    const mine = await startRegistry();
    const here = await environment(portolan);
    await pushImage(mine, 'acme/app', ['1.0.0']);
    await connectionTo(portolan, here, mine);
    const { id } = await imageOf(portolan, here, mine, 'acme/app', { tagFilter: 'semver:*' });
    await check(id);
    await mine.stop();
    const answer = await check(id);
    expect([answer.status, answer.body.details.upstream.reason]).toEqual([502, 'connection_refused']);
    expect(await get(id)).toMatchObject({ latestTag: '1.0.0', lastCheckError: { reason: 'connection_refused' } });
    expect((await audited(id)).map(({ success }) => success)).toEqual([true, false]);
    await mine.start();
    expect((await check(id)).status).toBe(200);
    expect((await get(id)).lastCheckError).toBeNull();
    await mine.close();
  });
});

describe('503', () => {
  test('a registry that throttles, with the time to come again', async () => {
    const fake = await fakeRegistry((_request, response) => response.writeHead(429, { 'retry-after': '600' }).end());
    const id = await imageRow(portolan, envId, {
      image_name: `${fake.host}/acme/app`,
      repository: `${fake.host}/acme/app`,
      registry_connection_id: await registryRow(portolan, envId, { registry_url: fake.url }),
    });
    const answer = await check(id);
    expect([answer.status, answer.body.details.upstream.reason]).toEqual([503, 'rate_limited']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(500);
    expect((await get(id)).lastCheckError.reason).toBe('rate_limited');
    await fake.close();
  });
});

describe('409', () => {
  test('an image that names another host than its connection is not read', async () => {
    const connection = await registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9' });
    const answer = await check(await imageRow(portolan, envId, { registry_connection_id: connection }));
    expect([answer.status, answer.body.details]).toEqual([409, { reason: 'host_mismatch' }]);
  });
});

describe('403, 404 and 412', () => {
  test('a viewer, a foreign token, another version', async () => {
    const id = await imageRow(portolan, envId);
    const viewer = await token(portolan, { role: 'viewer' });
    expect((await check(id, { token: viewer.token })).status).toBe(403);
    const foreign = await token(portolan, { environments: [await environment(portolan)] });
    expect((await check(id, { token: foreign.token })).status).toBe(404);
    expect((await check(id, { headers: { 'if-match': '"9.x"' } })).status).toBe(412);
  });
});
