import { startProcessWorker } from '../../src/commands/worker';
import type { Worker } from '../../src/jobs/worker';
import { buildOf, packageOf } from '../jobs/builds/staging';
import { containerImage, service } from '../support/catalogue';
import { appIn } from '../support/droplets';
import { environment } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { describeWithRegistry } from '../support/registry/binary';
import { pushImage } from '../support/registry/images';
import { startRegistry, type TestRegistry } from '../support/registry/registry';
import { connectionTo, until } from '../support/registry/scene';
import { pinDigest } from '../support/rows';

describeWithRegistry('the worker beside the API', () => {
  let portolan: Portolan;
  let registry: TestRegistry;
  let worker: Worker;
  beforeAll(async () => {
    [portolan, registry] = await Promise.all([startPortolan(), startRegistry({ auth: 'token' })]);
    worker = await startProcessWorker(portolan.context, { pollMs: 50 });
  });
  afterAll(async () => {
    await worker.stop();
    await Promise.all([portolan.close(), registry.close()]);
  });

  test('from a new connection to an update that is told', async () => {
    const envId = await environment(portolan);
    await pushImage(registry, 'acme/shop', ['1.0.0']);
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    const { id } = await containerImage(portolan, envId, { imageName: `${registry.host}/acme/shop`, tagFilter: 'semver:^1' });
    const { id: serviceId } = await service(portolan, envId, { containerImageId: id });
    const read = async () => (await portolan.call('getContainerImage', { path: { id } })).body.image;
    // Both were queued by what the user did.
    const first = await until(read, (image) => image.latestTag === '1.0.0');
    const refreshed = async () => (await portolan.call('getRegistry', { path: { id: registryId } })).body.registry;
    await until(refreshed, (row) => row.lastRefreshStatus === 'ok');
    await pinDigest(portolan, serviceId, first.latestDigest.id);

    const second = await pushImage(registry, 'acme/shop', ['1.1.0'], { label: 'second' });
    const asked = await portolan.call('checkRegistryUpdates', { path: { id: registryId } });
    const path = { id: asked.body.operation.id };
    const ended = await until(
      async () => (await portolan.call('getOperation', { path })).body.operation,
      ({ finishedAt }) => finishedAt !== null,
    );
    expect(ended).toMatchObject({ state: 'succeeded', result: { summary: { checked: 1, withUpdates: 1, errors: 0 } } });
    const image = await read();
    expect(image).toMatchObject({ latestTag: '1.1.0', updateAvailable: true });
    expect(image.latestDigest.manifestDigest).toBe(second.digest);

    const { text } = await portolan.call('getMetricsExposition', { metrics: true, token: null });
    expect(Number(/portolan_registry_refreshes_total\{status="ok"\} (\d+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(2);
    expect(Number(/portolan_registry_requests_total (\d+)/.exec(text)?.[1])).toBe(portolan.context.registryClient.requestCount);
    const operations = await portolan.sql<{ data: string }>("select data from events where type = 'operation' order by xid, seq");
    expect(operations.map(({ data }) => JSON.parse(data).state).slice(-2)).toEqual(['running', 'succeeded']);
  }, 30_000);

  test('from a package to a droplet that can be made current', async () => {
    const envId = await environment(portolan);
    const { digest } = await pushImage(registry, 'acme/staged', ['1.4'], { config: { Cmd: ['serve'] } });
    await connectionTo(portolan, envId, registry);
    const app = await appIn(portolan, envId);
    const source = await packageOf(portolan, app, { image: `${registry.host}/acme/staged:1.4` });
    const { guid } = await buildOf(portolan, source.guid);
    const read = async () => (await portolan.call('getBuild', { path: { guid } })).body;
    const build = await until(read, ({ state }) => state !== 'STAGING');
    expect(build).toMatchObject({ state: 'STAGED', error: null });
    const body = { data: { guid: build.droplet.guid } };
    expect((await portolan.call('setCurrentDropletForApp', { path: { guid: app }, body })).status).toBe(200);
    const current = await portolan.call('getCurrentDropletForApp', { path: { guid: app } });
    expect(current.body).toMatchObject({
      image: `${registry.host}/acme/staged@${digest}`,
      process_types: { web: 'serve' },
    });
  });

  test('its clock jobs count as run from its start on', async () => {
    const names = (await portolan.sql<{ name: string }>('select name from clock_jobs')).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'checkManifests',
        'scheduleRefreshes',
        'sweepBuilds',
        'sweepDroplets',
        'sweepEvents',
        'sweepExpired',
        'sweepImageDigests',
      ]),
    );
    expect((await portolan.call('getReadiness', { token: null })).status).toBe(200);
  });
});
