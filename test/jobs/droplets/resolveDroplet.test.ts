import { startProcessWorker } from '../../../src/commands/worker';
import { resolveDroplet } from '../../../src/jobs/droplets/resolveDroplet';
import { appIn, dropletRow, makeCurrent, newDigest, waitingJobs } from '../../support/droplets';
import { environment, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { describeWithRegistry } from '../../support/registry/binary';
import { pushImage } from '../../support/registry/images';
import { startRegistry, type TestRegistry } from '../../support/registry/registry';
import { connectionTo } from '../../support/registry/scene';

describeWithRegistry('the tag of a repointed droplet', () => {
  let portolan: Portolan;
  let registry: TestRegistry;
  let envId: string;
  let app: string;
  let path: string;
  let image: string;
  beforeAll(async () => {
    registry = await startRegistry();
    portolan = await startPortolan();
    envId = await environment(portolan);
    await connectionTo(portolan, envId, registry);
  });
  beforeEach(async () => {
    app = await appIn(portolan, envId);
    path = unique('shop');
    image = `${registry.host}/${path}:1.0`;
  });
  afterAll(() => Promise.all([portolan.close(), registry.close()]));

  const run = (id: string, stopping = new AbortController().signal) =>
    resolveDroplet({ ...portolan.context.walkParts, environmentDefaults: {}, stopping }, id);
  const repoint = async (id: string, to = image) =>
    expect((await portolan.call('updateDroplet', { path: { guid: id }, body: { image: to } })).status).toBe(200);
  const rowOf = async (id: string) => (await portolan.sql('select * from droplets where id = $1', [id]))[0];
  const digestOf = async (id: string) =>
    (
      await portolan.sql(
        'select manifest_digest from droplets join image_digests on image_digests.id = image_digest_id where droplets.id = $1',
        [id],
      )
    )[0]?.manifest_digest;

  test('becomes a digest; text, start data and state stay', async () => {
    const pushed = await pushImage(registry, path, ['1.0']);
    const id = await dropletRow(portolan, app);
    await repoint(id);
    const before = await rowOf(id);
    expect(await run(id)).toEqual({ dropletId: id, end: 'resolved' });
    expect(await digestOf(id)).toBe(pushed.digest);
    const { image_digest_id, ...after } = await rowOf(id);
    expect({ ...after, image_digest_id: null }).toEqual(before);
  });

  test('keeps what is known of the image, such as that a copy of it needs credentials', async () => {
    await pushImage(registry, path, ['1.0']);
    const id = await dropletRow(portolan, app, { image, image_digest_id: null, needs_credentials: true });
    expect(await run(id)).toEqual({ dropletId: id, end: 'resolved' });
    expect((await rowOf(id)).needs_credentials).toBe(true);
  });

  test('makes the repository one of the environment again, which the audit tells', async () => {
    await pushImage(registry, path, ['1.0']);
    const id = await dropletRow(portolan, app, { image, image_digest_id: null });
    expect(await run(id)).toEqual({ dropletId: id, end: 'resolved' });
    const audits = await portolan.sql(
      "select action, operation_id from audit_logs where resource_type = 'container_image' and resource_name = $1",
      [path],
    );
    expect(audits).toEqual([{ action: 'create', operation_id: 'resolveDroplet' }]);
  });

  test('is resolved by a worker', async () => {
    const pushed = await pushImage(registry, path, ['1.0']);
    const id = await dropletRow(portolan, app);
    const worker = await startProcessWorker(portolan.context, { pollMs: 50 });
    try {
      await repoint(id);
      while ((await digestOf(id)) === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      await worker.stop();
    }
    expect(await digestOf(id)).toBe(pushed.digest);
  });

  test('twice is once', async () => {
    await pushImage(registry, path, ['1.0']);
    const id = await dropletRow(portolan, app);
    await repoint(id);
    await run(id);
    expect(await run(id)).toEqual({ dropletId: id, end: 'nothing' });
  });

  test('shows under /api when the droplet is current', async () => {
    const pushed = await pushImage(registry, path, ['1.0']);
    const id = await dropletRow(portolan, app);
    await makeCurrent(portolan, id);
    await repoint(id);
    const current = async () => (await portolan.call('getService', { path: { id: app } })).body.service;
    expect((await current()).currentDroplet).toMatchObject({ image, manifestDigest: null, tag: '1.0' });
    await run(id);
    const service = await current();
    expect(service.currentDroplet).toMatchObject({ image, manifestDigest: pushed.digest });
    expect(service.containerImage.imageName).toBe(`${registry.host}/${path}`);
  });

  test('that the registry does not have leaves the digest unknown, and the droplet staged', async () => {
    const id = await dropletRow(portolan, app);
    await repoint(id);
    expect(await run(id)).toEqual({ dropletId: id, end: 'not_found' });
    expect(await rowOf(id)).toMatchObject({ state: 'STAGED', error: null, image, image_digest_id: null });
  });

  test('that was changed meanwhile is left to the newer one', async () => {
    await pushImage(registry, path, ['1.0']);
    const id = await dropletRow(portolan, app);
    await repoint(id);
    const digest = newDigest();
    const { registryClient } = portolan.context.walkParts;
    const slow = new Proxy(registryClient, {
      get: (client, name: keyof typeof registryClient) =>
        name === 'manifest'
          ? async (...rest: Parameters<typeof registryClient.manifest>) => {
              await repoint(id, `${registry.host}/${path}@${digest}`);
              return client.manifest(...rest);
            }
          : client[name],
    });
    const parts = { ...portolan.context.walkParts, registryClient: slow, environmentDefaults: {} };
    const resolution = await resolveDroplet({ ...parts, stopping: new AbortController().signal }, id);
    expect(resolution).toEqual({ dropletId: id, end: 'nothing' });
    expect(await digestOf(id)).toBe(digest);
  });

  test('is done by another worker when this one stops', async () => {
    const id = await dropletRow(portolan, app, { image });
    const stopping = new AbortController();
    stopping.abort(new Error('the worker is stopping'));
    expect(await run(id, stopping.signal)).toEqual({ dropletId: id, end: 'stopped' });
    expect(await waitingJobs(portolan, 'resolveDroplet')).toContainEqual({ payload: { dropletId: id } });
  });

  test.each([
    ['a droplet that is gone', '01920000-0000-7000-8000-00000000d001'],
    ['one without image', null],
  ])('of %s is nothing', async (_, gone) => {
    const id = gone ?? (await dropletRow(portolan, app, { image: null }));
    expect(await run(id)).toEqual({ dropletId: id, end: 'nothing' });
  });
});
