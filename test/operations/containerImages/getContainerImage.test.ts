import { containerImage, digest, registry, service } from '../../support/catalogue';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const read = (id: string, more: object = {}) => portolan.call('getContainerImage', { path: { id }, ...more });
const image = async (id: string) => (await read(id)).body.image;

describe('200', () => {
  test('what a refresh found', async () => {
    const { id } = await containerImage(portolan, envId);
    const digestId = await digest(portolan, id, {
      manifest_digest: `sha256:${'9f'.repeat(32)}`,
      tags: ['2.4.0', '2'],
      best_tag: '2.4.0',
      pushed_at: '2026-02-28T10:00:00Z',
      discovered_at: '2026-03-01T08:00:00.118Z',
    });
    await portolan.sql(
      `update container_images set latest_digest_id = $1, deployed_digest_id = $1, latest_tag = '2.4.0', current_tag = '2.3.1',
         update_available = true, last_checked_at = '2026-03-01T08:00:00.12Z', last_deployed_at = '2026-02-20T07:31:12Z',
         last_check_error = '{"reason":"timeout","message":"m","at":"2026-03-01T08:00:00.120Z"}' where id = $2`,
      [digestId, id],
    );
    expect(await image(id)).toMatchObject({
      currentTag: '2.3.1',
      latestTag: '2.4.0',
      updateAvailable: true,
      deployedDigestId: digestId,
      lastCheckedAt: '2026-03-01T08:00:00.120Z',
      lastCheckError: { reason: 'timeout', message: 'm', at: '2026-03-01T08:00:00.120Z' },
      lastDeployedAt: '2026-02-20T07:31:12.000Z',
      latestDigest: {
        id: digestId,
        manifestDigest: `sha256:${'9f'.repeat(32)}`,
        tags: ['2.4.0', '2'],
        bestTag: '2.4.0',
        pushedAt: '2026-02-28T10:00:00.000Z',
        discoveredAt: '2026-03-01T08:00:00.118Z',
      },
    });
  });

  test('the services that use it: the first 50 by name, and how many there are', async () => {
    const { id } = await containerImage(portolan, envId);
    await portolan.sql(
      `insert into services (id, environment_id, name, container_image_id, image_tag)
       select gen_random_uuid(), $1, 'many ' || lpad(i::text, 3, '0'), $2, 'v' || i from generate_series(60, 1, -1) i`,
      [envId, id],
    );
    const { services, serviceCount } = await image(id);
    expect(serviceCount).toBe(60);
    expect(services).toHaveLength(50);
    expect(services[0]).toEqual({ id: expect.any(String), name: 'many 001', imageTag: 'v1' });
    expect(services[49].name).toBe('many 050');
  });

  test('is what the list shows', async () => {
    const own = await environment(portolan);
    await registry(portolan, own, { autoLinkPattern: 'acme/*' });
    const { id } = await containerImage(portolan, own);
    await service(portolan, own, { containerImageId: id });
    const listed = await portolan.call('listContainerImages', { path: { envId: own } });
    expect(listed.body.images).toEqual([await image(id)]);
  });
});

describe('the connection in effect', () => {
  test('follows from the environment’s connections as they are now', async () => {
    const own = await environment(portolan);
    const { id } = await containerImage(portolan, own, { imageName: 'ghcr.io/acme/shop' });
    const link = async () => {
      const { registryLink, registryConnection, repository } = await image(id);
      return [registryLink, registryConnection?.id ?? null, repository];
    };
    expect(await link()).toEqual(['none', null, 'ghcr.io/acme/shop']);
    const byHost = await registry(portolan, own);
    expect(await link()).toEqual(['host', byHost.id, 'ghcr.io/acme/shop']);
    const byPattern = await registry(portolan, own, { autoLinkPattern: 'acme/*' });
    expect(await link()).toEqual(['pattern', byPattern.id, 'ghcr.io/acme/shop']);
    await portolan.call('updateContainerImage', { path: { id }, body: { registryConnectionId: byHost.id } });
    expect(await link()).toEqual(['explicit', byHost.id, 'ghcr.io/acme/shop']);
    await portolan.call('updateContainerImage', { path: { id }, body: { registryConnectionId: null } });
    await portolan.call('deleteRegistry', { path: { id: byPattern.id } });
    expect(await link()).toEqual(['host', byHost.id, 'ghcr.io/acme/shop']);
  });

  test('of a name without host is the default one if its pattern takes the name', async () => {
    const own = await environment(portolan);
    const { id } = await containerImage(portolan, own, { imageName: 'acme/shop' });
    const members = { registryUrl: 'harbor.example.com', isDefault: true, autoLinkPattern: 'acme/*' };
    const connection = await registry(portolan, own, members);
    expect(await image(id)).toMatchObject({
      registryConnectionId: null,
      registryLink: 'default',
      registryConnection: { id: connection.id, isDefault: true },
      repository: 'harbor.example.com/acme/shop',
      imageName: 'acme/shop',
    });
  });

  test('never is one of another environment, and holds no credential', async () => {
    const own = await environment(portolan);
    await registry(portolan, envId, { registryUrl: 'secret.example.com' });
    const { id } = await containerImage(portolan, own, { imageName: 'secret.example.com/acme/shop' });
    expect((await image(id)).registryConnection).toBeNull();
    const members = { registryUrl: 'secret.example.com', username: 'ci', password: 'canary-1', token: 'canary-2' };
    await registry(portolan, own, members);
    const answer = await read(id);
    expect(answer.body.image.registryConnection.username).toBe('ci');
    expect(Object.keys(answer.body.image.registryConnection)).toEqual([
      'id',
      'name',
      'type',
      'registryUrl',
      'repositoryPrefix',
      'username',
      'isDefault',
    ]);
  });
});

describe('304', () => {
  test('while nothing changed; what a refresh finds shows', async () => {
    const { id } = await containerImage(portolan, envId);
    const headers = { 'if-none-match': String((await read(id)).headers.etag) };
    const same = await read(id, { headers });
    expect([same.status, same.text]).toEqual([304, '']);
    await portolan.sql("update container_images set latest_tag = '9' where id = $1", [id]);
    expect((await read(id, { headers })).status).toBe(200);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await read(id)).status).toBe(404);
  });

  test('an image outside a token’s environments', async () => {
    const { id } = await containerImage(portolan, envId);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await read(id, { token: other.token })).status).toBe(404);
  });
});
