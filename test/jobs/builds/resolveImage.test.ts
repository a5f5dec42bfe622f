import { type ResolveRequest, resolveImage } from '../../../src/jobs/builds/resolveImage';
import { registry as connection, containerImage, digest as digestOf } from '../../support/catalogue';
import { environment, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { describeWithRegistry } from '../../support/registry/binary';
import { deleteDigest, pushImage, pushIndex } from '../../support/registry/images';
import { startRegistry, type TestRegistry } from '../../support/registry/registry';
import { connectionTo } from '../../support/registry/scene';

const config = { ExposedPorts: { '8080/tcp': {} }, User: 'app', Entrypoint: ['/bin/shop'], Cmd: ['serve'] };

describeWithRegistry('an image of a real registry', () => {
  let portolan: Portolan;
  let open: TestRegistry;
  let locked: TestRegistry;
  let envId: string;
  beforeAll(async () => {
    [open, locked] = await Promise.all([startRegistry(), startRegistry({ auth: 'htpasswd' })]);
    portolan = await startPortolan();
  });
  afterAll(() => Promise.all([portolan.close(), open.close(), locked.close()]));
  beforeEach(async () => {
    envId = await environment(portolan);
  });

  const resolve = (request: Partial<ResolveRequest> & { image: string }, allowUnknownRepositories = true) =>
    resolveImage(
      { ...portolan.context.walkParts, environmentDefaults: { configuration: { allowUnknownRepositories } } },
      { job: 'stageBuild', environmentId: envId, ...request },
    );
  const refusal = async (request: Partial<ResolveRequest> & { image: string }, allowUnknown = true) => {
    const error = await resolve(request, allowUnknown).catch((error: unknown) => error);
    return (error as { failure: { reason: string; message: string } }).failure;
  };
  /** Says how an open registry is reached: without TLS. */
  const openConnection = () => connectionTo(portolan, envId, open);

  test('a tag becomes a digest, and the container image one of the environment', async () => {
    await openConnection();
    const path = unique('shop');
    const pushed = await pushImage(open, path, ['1.0'], { config });
    const resolved = await resolve({ image: `${open.host}/${path}:1.0` });
    expect(resolved).toMatchObject({ repository: `${open.host}/${path}`, manifestDigest: pushed.digest });
    expect(resolved.config).toEqual({
      ports: [{ port: 8080, protocol: 'tcp' }],
      user: 'app',
      entrypoint: ['/bin/shop'],
      cmd: ['serve'],
      workdir: null,
    });
    const { body } = await portolan.call('getContainerImage', { path: { id: resolved.containerImageId } });
    expect(body.image).toMatchObject({ imageName: `${open.host}/${path}`, name: path, tagFilter: '1.0', environmentId: envId });
    const digest = await portolan.call('getImageDigest', {
      path: { id: resolved.containerImageId, digestId: resolved.imageDigestId },
    });
    expect(digest.body.digest).toMatchObject({ manifestDigest: pushed.digest, platforms: ['linux/amd64'] });
    const audits = await portolan.sql('select action, operation_id from audit_logs where resource_id = $1', [
      resolved.containerImageId,
    ]);
    expect(audits).toEqual([{ action: 'create', operation_id: 'stageBuild' }]);
  });

  test('twice is once: the same container image and digest', async () => {
    await openConnection();
    const path = unique('twice');
    await pushImage(open, path, ['latest']);
    const request = { image: `${open.host}/${path}` };
    const results = await Promise.all([resolve(request), resolve(request), resolve(request)]);
    expect(new Set(results.map(({ containerImageId }) => containerImageId)).size).toBe(1);
    expect(new Set(results.map(({ imageDigestId }) => imageDigestId)).size).toBe(1);
    expect(await portolan.sql('select from container_images where environment_id = $1', [envId])).toHaveLength(1);
  });

  test('an index is kept as the digest, and started as its linux/amd64 image', async () => {
    await openConnection();
    const path = unique('index');
    const images = [{ platform: 'linux/arm64' }, { platform: 'linux/amd64', config }];
    const index = await pushIndex(open, path, ['1.0'], { images });
    const resolved = await resolve({ image: `${open.host}/${path}:1.0` });
    expect(resolved.manifestDigest).toBe(index.digest);
    expect(resolved.config.user).toBe('app');
  });

  test('a digest stays that digest, whatever the tag beside it says', async () => {
    await openConnection();
    const path = unique('pinned');
    const first = await pushImage(open, path, ['1.0'], { label: 'first' });
    await pushImage(open, path, ['1.0'], { label: 'second' });
    const resolved = await resolve({ image: `${open.host}/${path}:1.0@${first.digest}` });
    expect(resolved.manifestDigest).toBe(first.digest);
  });

  test('tags that a walk found stay with their digest', async () => {
    await openConnection();
    const path = unique('walked');
    const pushed = await pushImage(open, path, ['1.0']);
    const { id } = await containerImage(portolan, envId, { imageName: `${open.host}/${path}` });
    const known = await digestOf(portolan, id, { manifest_digest: pushed.digest, tags: ['1.0', 'stable'] });
    const resolved = await resolve({ image: `${open.host}/${path}:1.0` });
    expect(resolved).toMatchObject({ containerImageId: id, imageDigestId: known });
    expect(await portolan.sql('select tags from image_digests where id = $1', [known])).toEqual([{ tags: ['1.0', 'stable'] }]);
  });

  test('a private image is read with credentials of its own, before those of a connection', async () => {
    await connectionTo(portolan, envId, locked, { username: 'portolan', password: 'out of date' });
    const path = unique('private');
    const pushed = await pushImage(locked, path, ['1.0']);
    const image = `${locked.host}/${path}:1.0`;
    const { username, password } = locked;
    expect((await resolve({ image, username, password })).manifestDigest).toBe(pushed.digest);
    expect(await refusal({ image })).toMatchObject({ reason: 'unauthorized' });
    expect(await refusal({ image, username, password: 'wrong one' })).toMatchObject({ reason: 'unauthorized' });
  });

  test('a private image is read with the connection that its container image is linked to', async () => {
    await connectionTo(portolan, envId, locked, { password: 'out of date', name: 'a first' });
    const { id: registryConnectionId } = await connectionTo(portolan, envId, locked, { name: 'z last' });
    const path = unique('linked');
    const pushed = await pushImage(locked, path, ['1.0']);
    const image = `${locked.host}/${path}:1.0`;
    expect(await refusal({ image })).toMatchObject({ reason: 'unauthorized' });
    await containerImage(portolan, envId, { imageName: `${locked.host}/${path}`, registryConnectionId });
    expect((await resolve({ image })).manifestDigest).toBe(pushed.digest);
  });

  test('a name without host is completed by the default connection, and found again in full', async () => {
    await connectionTo(portolan, envId, open, { isDefault: true, repositoryPrefix: 'team', autoLinkPattern: 'team/*' });
    const name = unique('short');
    await pushImage(open, `team/${name}`, ['1.0']);
    const first = await resolve({ image: `${name}:1.0` });
    expect(first.repository).toBe(`${open.host}/team/${name}`);
    expect((await resolve({ image: `${name}:1.0` })).containerImageId).toBe(first.containerImageId);
    expect((await resolve({ image: `${first.repository}:1.0` })).containerImageId).toBe(first.containerImageId);
  });

  test('credentials of a name without host are for Docker Hub, and no connection brings them elsewhere', async () => {
    await connectionTo(portolan, envId, locked, { isDefault: true, autoLinkPattern: '*' });
    const name = unique('elsewhere');
    await pushImage(locked, name, ['1.0']);
    expect((await resolve({ image: `${name}:1.0` })).repository).toBe(`${locked.host}/${name}`);
    const sent = portolan.context.registryClient.requestCount;
    const { username, password } = locked;
    expect(await refusal({ image: `${name}:1.0`, username, password })).toMatchObject({
      reason: 'forbidden',
      message: expect.stringContaining('docker.io'),
    });
    expect(portolan.context.registryClient.requestCount).toBe(sent);
  });

  test.each([true, false])('an unknown repository, where those are allowed: %s', async (allowed) => {
    await openConnection();
    const path = unique('unknown');
    await pushImage(open, path, ['1.0']);
    const image = `${open.host}/${path}:1.0`;
    if (allowed) return void expect(await resolve({ image }, allowed)).toMatchObject({ repository: `${open.host}/${path}` });
    const sent = portolan.context.registryClient.requestCount;
    expect(await refusal({ image }, allowed)).toMatchObject({ reason: 'forbidden', message: expect.stringContaining(path) });
    expect(portolan.context.registryClient.requestCount).toBe(sent);
    await containerImage(portolan, envId, { imageName: `${open.host}/${path}` });
    expect(await resolve({ image }, allowed)).toMatchObject({ repository: `${open.host}/${path}` });
  });

  test('a tag and a digest that are not there', async () => {
    await openConnection();
    const path = unique('missing');
    const { digest } = await pushImage(open, path, ['1.0']);
    const tag = await refusal({ image: `${open.host}/${path}:2.0` });
    expect(tag).toMatchObject({ reason: 'not_found', message: expect.stringContaining(`${path}:2.0`) });
    await deleteDigest(open, path, digest);
    expect(await refusal({ image: `${open.host}/${path}@${digest}` })).toMatchObject({ reason: 'not_found' });
  });

  test('a host where nobody listens', async () => {
    await connection(portolan, envId, { registryUrl: 'http://127.0.0.1:9' });
    expect(await refusal({ image: '127.0.0.1:9/acme/shop:1.0' })).toMatchObject({ reason: 'connection_refused' });
    expect(await portolan.sql('select from container_images where environment_id = $1', [envId])).toEqual([]);
  });

  test('an image whose start data no process takes', async () => {
    await openConnection();
    const path = unique('broken');
    await pushImage(open, path, ['1.0'], { config: { Cmd: ['a\0b'] } });
    expect(await refusal({ image: `${open.host}/${path}:1.0` })).toMatchObject({ reason: 'bad_response' });
  });
});
