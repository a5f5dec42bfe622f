import { walkImage } from '../../src/jobs/images/walkImage';
import { refreshRegistry } from '../../src/jobs/registries/refreshRegistry';
import { registry as connection, containerImage, service } from '../support/catalogue';
import { environment, unique } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { describeWithRegistry } from '../support/registry/binary';
import { deleteDigest, pushImage, pushIndex } from '../support/registry/images';
import { startRegistry, type TestRegistry } from '../support/registry/registry';
import { connectionTo } from '../support/registry/scene';
import { operationRow, pinDigest, placementRow } from '../support/rows';
import { problems } from '../support/schemaProblems';
import { refresh, refreshParts } from './refreshing';

describeWithRegistry('a refresh of a real registry', () => {
  let portolan: Portolan;
  let registry: TestRegistry;
  let envId: string;
  beforeAll(async () => {
    [portolan, registry] = await Promise.all([startPortolan(), startRegistry()]);
  });
  afterAll(() => Promise.all([portolan.close(), registry.close()]));
  beforeEach(async () => {
    envId = await environment(portolan);
  });

  const image = (path: string, members: object = {}) =>
    containerImage(portolan, envId, { imageName: `${registry.host}/${path}`, ...members });
  const read = async (id: string) => (await portolan.call('getContainerImage', { path: { id } })).body.image;
  const readConnection = async (id: string) => (await portolan.call('getRegistry', { path: { id } })).body.registry;
  const digests = async (id: string) => (await portolan.call('listImageDigests', { path: { id } })).body.digests;

  test('a new tag is found, and an update told exactly where something older is pinned', async () => {
    const path = unique('shop');
    const first = await pushImage(registry, path, ['1.0.0', 'latest']);
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    const { id } = await image(path, { tagFilter: 'semver:^1' });
    const { id: pinnedId } = await service(portolan, envId, { containerImageId: id });
    expect(await refresh(portolan, registryId)).toMatchObject({ end: 'ok', checked: 1 });
    const before = await read(id);
    expect(before).toMatchObject({ latestTag: '1.0.0', updateAvailable: false, lastCheckError: null, registryLink: 'host' });
    expect(before.latestDigest).toMatchObject({ manifestDigest: first.digest, tags: ['1.0.0'] });
    expect(await readConnection(registryId)).toMatchObject({ lastRefreshStatus: 'ok', lastRefreshError: null });
    await pinDigest(portolan, pinnedId, before.latestDigest.id);

    const second = await pushImage(registry, path, ['1.1.0'], { label: 'second' });
    await refresh(portolan, registryId);
    const after = await read(id);
    expect(after).toMatchObject({ latestTag: '1.1.0', currentTag: '1.0.0', updateAvailable: true });
    expect(after.latestDigest.manifestDigest).toBe(second.digest);
    const { body } = await portolan.call('getService', { path: { id: pinnedId } });
    expect(body.service.updateAvailable).toBe(true);
    const events = await portolan.sql<{ data: string }>(
      "select data from events where type = 'image_update' and data like '%' || $1 || '%' order by xid, seq",
      [id],
    );
    expect(events.map(({ data }) => JSON.parse(data))).toMatchObject([
      { latestTag: '1.0.0', latestDigest: first.digest, updateAvailable: false },
      { latestTag: '1.1.0', latestDigest: second.digest, updateAvailable: true },
    ]);
  });

  test('nothing new costs one request for each tag and the list, and writes no digest', async () => {
    const path = unique('quiet');
    for (const tag of ['1', '2', '3']) await pushImage(registry, path, [tag], { label: tag });
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    const { id } = await image(path, { tagFilter: '*' });
    const untouched = portolan.context.registryClient.requestCount;
    const first = await refresh(portolan, registryId);
    expect(first).toMatchObject({ requests: portolan.context.registryClient.requestCount - untouched });
    const before = await portolan.sql('select xmin, * from image_digests where container_image_id = $1 order by id', [id]);
    expect(before).toHaveLength(3);
    const sent = portolan.context.registryClient.requestCount;
    expect(await refresh(portolan, registryId)).toMatchObject({ end: 'ok', requests: 4 });
    expect(portolan.context.registryClient.requestCount - sent).toBe(4);
    expect(await portolan.sql('select xmin, * from image_digests where container_image_id = $1 order by id', [id])).toEqual(
      before,
    );
  });

  test('tags that move leave their digest, and a digest without tags stays known', async () => {
    const path = unique('moving');
    const first = await pushImage(registry, path, ['latest', '1'], { label: 'one' });
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    const { id } = await image(path, { tagFilter: '*' });
    await refresh(portolan, registryId);
    const second = await pushImage(registry, path, ['latest'], { label: 'two' });
    await refresh(portolan, registryId);
    const tagsOf = async () => new Map((await digests(id)).map((row: any) => [row.manifestDigest, row.tags]));
    expect(await tagsOf()).toEqual(
      new Map([
        [first.digest, ['1']],
        [second.digest, ['latest']],
      ]),
    );
    await deleteDigest(registry, path, first.digest);
    await refresh(portolan, registryId);
    expect((await tagsOf()).get(first.digest)).toEqual([]);
  });

  test('facts of an image and of an index are kept', async () => {
    const path = unique('facts');
    const single = await pushImage(registry, path, ['1'], { platform: 'linux/arm64' });
    const index = await pushIndex(registry, path, ['2']);
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    const { id } = await image(path, { tagFilter: '*' });
    await refresh(portolan, registryId);
    const rows = new Map<string, any>((await digests(id)).map((row: any) => [row.manifestDigest, row]));
    expect(rows.get(single.digest)).toMatchObject({
      mediaType: single.mediaType,
      platforms: ['linux/arm64'],
      configDigest: single.configDigest,
      size: single.contentBytes,
    });
    expect(rows.get(index.digest)).toMatchObject({ mediaType: index.mediaType, platforms: ['linux/amd64', 'linux/arm64'] });
  });

  test('an operation that waits for it is answered for, with progress and result', async () => {
    const paths = [unique('a'), unique('b')];
    for (const path of paths) await pushImage(registry, path, ['1.0']);
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    const good = await image(paths[0] as string, { name: 'good', tagFilter: 'semver:*' });
    const { id: serviceId } = await service(portolan, envId, { containerImageId: good.id });
    await image(unique('missing'), { name: 'missing' });
    const asked = await portolan.call('checkRegistryUpdates', { path: { id: registryId } });
    expect(asked.status).toBe(202);
    expect(await refresh(portolan, registryId)).toMatchObject({ end: 'partial', checked: 2 });
    const { body } = await portolan.call('getOperation', { path: { id: asked.body.operation.id } });
    expect(body.operation).toMatchObject({ state: 'succeeded', progress: { done: 2, total: 2 }, error: null });
    expect(body.operation.result).toMatchObject({
      results: [
        { imageId: good.id, name: 'good', serviceIds: [serviceId], hasUpdate: false, bestTag: '1.0', error: null },
        { name: 'missing', serviceIds: [], error: { reason: 'not_found' } },
      ],
      summary: { checked: 2, withUpdates: 0, errors: 1 },
    });
    expect(problems('RegistryCheckResult', body.operation.result)).toEqual([]);
    expect(await readConnection(registryId)).toMatchObject({
      lastRefreshStatus: 'partial',
      lastRefreshError: { reason: 'not_found' },
    });
  });

  test('a stopped registry fails the refresh after one image, and changes nothing that was known', async () => {
    const paths = Array.from({ length: 6 }, () => unique('kept'));
    const own = await startRegistry();
    const named = (path: string) => containerImage(portolan, envId, { imageName: `${own.host}/${path}`, tagFilter: '*' });
    try {
      for (const path of paths) await pushImage(own, path, ['1']);
      const { id: registryId } = await connectionTo(portolan, envId, own);
      const images = await Promise.all(paths.map(named));
      await refresh(portolan, registryId);
      const before = await Promise.all(images.map(({ id }) => read(id)));
      await own.stop();
      const sent = portolan.context.registryClient.requestCount;
      expect(await refresh(portolan, registryId, { imagesAtATime: 1 })).toMatchObject({ end: 'failed', checked: 1 });
      expect(portolan.context.registryClient.requestCount - sent).toBeLessThan(4);
      const row = await readConnection(registryId);
      expect(row).toMatchObject({ lastRefreshStatus: 'failed', lastRefreshError: { reason: 'connection_refused' } });
      const [planned] = await portolan.sql('select * from registry_refreshes where registry_id = $1', [registryId]);
      expect(planned).toMatchObject({ failures: 1, run_id: null });
      for (const [place, { id }] of images.entries()) {
        const { lastCheckError, ...now } = await read(id);
        expect(lastCheckError).toMatchObject({ reason: 'connection_refused' });
        expect({ ...now, lastCheckError: null }).toEqual(before[place]);
      }
    } finally {
      await own.close();
    }
  });

  test('two at once: one works, the other one comes again', async () => {
    const path = unique('once');
    await pushImage(registry, path, ['1']);
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    await image(path, { tagFilter: '*' });
    await portolan.sql('delete from graphile_worker._private_jobs');
    const ends = await Promise.all([refresh(portolan, registryId), refresh(portolan, registryId)]);
    expect(ends.map(({ end }) => end).sort()).toEqual(['held', 'ok']);
    const jobs = await portolan.sql('select run_at <= now() as now from graphile_worker.jobs where key = $1', [
      `refreshRegistry:${registryId}`,
    ]);
    expect(jobs).toEqual([{ now: true }]);
    // And once more changes nothing.
    expect(await refresh(portolan, registryId)).toMatchObject({ end: 'ok', checked: 1 });
  });

  test('a job that was done before its worker died is not done again', async () => {
    const path = unique('done');
    await pushImage(registry, path, ['1']);
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    await image(path, { tagFilter: '*' });
    const run = (jobId: string) => refreshRegistry(refreshParts(portolan), registryId, jobId);
    expect(await run('77')).toMatchObject({ end: 'ok' });
    expect(await run('77')).toEqual({ registryId, end: 'done' });
    expect(await run('78')).toMatchObject({ end: 'ok' });
  });

  test('a run that another one has taken over from writes nothing', async () => {
    const path = unique('taken');
    await pushImage(registry, path, ['1']);
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    const { id } = await image(path, { tagFilter: '*' });
    const { registryClient } = portolan.context;
    const slow = {
      ...registryClient,
      tags: async (...parameters: Parameters<typeof registryClient.tags>) => {
        await portolan.sql('update registry_refreshes set run_id = $1 where registry_id = $2', [id, registryId]);
        await portolan.sql('update image_checks set run_id = $1, run_until = null where container_image_id = $2', [
          registryId,
          id,
        ]);
        return registryClient.tags(...parameters);
      },
    };
    const parts = { registryClient: slow as typeof registryClient, refreshLeaseMs: 40, walkLeaseMs: 40 };
    expect(await refresh(portolan, registryId, parts)).toEqual({ registryId, end: 'lost' });
    expect(await read(id)).toMatchObject({ latestTag: null, lastCheckedAt: null });
    expect(await readConnection(registryId)).toMatchObject({ lastRefreshStatus: 'never' });
  });

  test('an image that is edited while it is read is read again by its new filter', async () => {
    const path = unique('edited');
    await pushImage(registry, path, ['1.0', '2.0']);
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    const { id } = await image(path, { tagFilter: '1.0' });
    const { registryClient } = portolan.context;
    let lists = 0;
    const meddling = {
      ...registryClient,
      tags: async (...parameters: Parameters<typeof registryClient.tags>) => {
        if (lists++ === 0) await portolan.call('updateContainerImage', { path: { id }, body: { tagFilter: '2.0' } });
        return registryClient.tags(...parameters);
      },
    };
    expect(await refresh(portolan, registryId, { registryClient: meddling as typeof registryClient })).toMatchObject({
      end: 'ok',
    });
    expect(lists).toBe(2);
    expect(await read(id)).toMatchObject({ latestTag: '2.0', latestDigest: { tags: ['2.0'] } });
  });

  test('a walk that is under way is joined', async () => {
    const path = unique('joined');
    await pushImage(registry, path, ['1']);
    await connectionTo(portolan, envId, registry);
    const { id } = await image(path, { tagFilter: '*' });
    const sent = portolan.context.registryClient.requestCount;
    const parts = refreshParts(portolan);
    const [first, second] = await Promise.all([walkImage(parts, id), walkImage(parts, id)]);
    expect(first).toEqual(second);
    expect(first).toMatchObject({ newDigests: 1, updatedDigests: 0, bestTag: '1', failure: null });
    expect(portolan.context.registryClient.requestCount - sent).toBeLessThanOrEqual(5);
  });

  test('an operation that is to be cancelled ends at the next image', async () => {
    const paths = Array.from({ length: 5 }, () => unique('cancel'));
    for (const path of paths) await pushImage(registry, path, ['1']);
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    for (const path of paths) await image(path, { tagFilter: '*' });
    const operationId = await operationRow(portolan, {
      resource_type: 'registry',
      resource_id: registryId,
      environment_id: envId,
    });
    const { registryClient } = portolan.context;
    const meddling = {
      ...registryClient,
      tags: async (...parameters: Parameters<typeof registryClient.tags>) => {
        await portolan.sql('update operations set cancel_requested = true where id = $1', [operationId]);
        await new Promise((resolve) => setTimeout(resolve, 510));
        return registryClient.tags(...parameters);
      },
    };
    const parts = { registryClient: meddling as typeof registryClient, imagesAtATime: 1 };
    expect(await refresh(portolan, registryId, parts)).toEqual({ registryId, end: 'cancelled' });
    const { body } = await portolan.call('getOperation', { path: { id: operationId } });
    expect(body.operation).toMatchObject({ state: 'cancelled', progress: { done: 1, total: 5 } });
    expect(await readConnection(registryId)).toMatchObject({ lastRefreshStatus: 'never' });
  });

  test('a worker that stops hands the connection to the next one', async () => {
    const paths = Array.from({ length: 3 }, () => unique('handed'));
    for (const path of paths) await pushImage(registry, path, ['1']);
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    for (const path of paths) await image(path, { tagFilter: '*' });
    const asked = await portolan.call('checkRegistryUpdates', { path: { id: registryId } });
    const stopping = new AbortController();
    const { registryClient } = portolan.context;
    const stopped = {
      ...registryClient,
      tags: async (...parameters: Parameters<typeof registryClient.tags>) => {
        stopping.abort(new Error('the worker is stopping'));
        return registryClient.tags(...parameters);
      },
    };
    const parts = { registryClient: stopped as typeof registryClient, stopping: stopping.signal };
    expect(await refresh(portolan, registryId, parts)).toEqual({ registryId, end: 'stopped' });
    const [job] = await portolan.sql('select run_at <= now() as due from graphile_worker.jobs where key = $1', [
      `refreshRegistry:${registryId}`,
    ]);
    expect(job).toEqual({ due: true });
    expect(await refresh(portolan, registryId)).toMatchObject({ end: 'ok', checked: 3 });
    const { body } = await portolan.call('getOperation', { path: { id: asked.body.operation.id } });
    expect(body.operation).toMatchObject({ state: 'succeeded', progress: { done: 3, total: 3 } });
  });

  test.each(['before it begins', 'while it runs'])('a connection that is deleted %s ends what was asked of it', async (when) => {
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    const asked = await portolan.call('checkRegistryUpdates', { path: { id: registryId } });
    const remove = () => portolan.call('deleteRegistry', { path: { id: registryId } });
    const { registryClient } = portolan.context;
    const meddling = {
      ...registryClient,
      test: async (...parameters: Parameters<typeof registryClient.test>) => {
        await remove();
        return registryClient.test(...parameters);
      },
    };
    if (when === 'before it begins') await remove();
    expect(await refresh(portolan, registryId, { registryClient: meddling as typeof registryClient })).toEqual({
      registryId,
      end: 'gone',
    });
    const { body } = await portolan.call('getOperation', { path: { id: asked.body.operation.id } });
    expect(body.operation.state).toBe('cancelled');
  });

  test('an image of another host than its connection is not read', async () => {
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    const { id } = await containerImage(portolan, envId, { imageName: 'ghcr.io/acme/other', registryConnectionId: registryId });
    const sent = portolan.context.registryClient.requestCount;
    expect(await refresh(portolan, registryId)).toMatchObject({ end: 'partial', requests: 0 });
    expect(portolan.context.registryClient.requestCount).toBe(sent);
    expect(await read(id)).toMatchObject({ lastCheckError: { reason: 'host_mismatch' }, lastCheckedAt: null });
  });

  test('a connection without images is tested', async () => {
    const { id: good } = await connectionTo(portolan, envId, registry);
    expect(await refresh(portolan, good)).toMatchObject({ end: 'ok', checked: 0 });
    const { id: bad } = await connection(portolan, envId, { registryUrl: 'http://127.0.0.1:9' });
    expect(await refresh(portolan, bad)).toMatchObject({ end: 'failed' });
    expect(await readConnection(bad)).toMatchObject({ lastRefreshError: { reason: 'connection_refused' } });
  });

  test('automatic updates are recorded once for each service and digest, and again when asked for', async () => {
    const path = unique('auto');
    await pushImage(registry, path, ['1.0']);
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    const { id } = await image(path, { tagFilter: 'semver:*', autoUpdate: true });
    const { id: placed } = await service(portolan, envId, { containerImageId: id });
    const { id: stopped } = await service(portolan, envId, { containerImageId: id });
    const { id: unplaced } = await service(portolan, envId, { containerImageId: id });
    await refresh(portolan, registryId);
    const { latestDigest } = await read(id);
    for (const serviceId of [placed, stopped]) await placementRow(portolan, serviceId, latestDigest.id);
    await pinDigest(portolan, unplaced, latestDigest.id);
    await portolan.sql("update services set desired_state = 'stopped' where id = $1", [stopped]);
    const attempts = () =>
      portolan.sql("select * from operations where kind = 'deploy.run' and environment_id = $1 order by created_at", [envId]);
    await refresh(portolan, registryId);
    expect(await attempts()).toEqual([]);

    const second = await pushImage(registry, path, ['1.1'], { label: 'new' });
    await refresh(portolan, registryId);
    await refresh(portolan, registryId);
    const made = await attempts();
    expect(made).toHaveLength(1);
    expect(made[0]).toMatchObject({
      state: 'cancelled',
      resource_type: 'service',
      resource_id: placed,
      created_by_type: 'system',
      warnings: [{ code: 'deploy_engine_missing' }],
      result: { manifestDigest: second.digest, tag: '1.1' },
    });
    expect(problems('DeployResult', made[0]?.result)).toEqual([]);
    await portolan.call('checkRegistryUpdates', { path: { id: registryId }, body: { retryFailed: true } });
    await refresh(portolan, registryId);
    expect(await attempts()).toHaveLength(2);
    await refresh(portolan, registryId, {
      settings: () => ({ ...portolan.context.liveSettings.current(), autoUpdateMinAgeMinutes: 60 }),
    });
    expect(await attempts()).toHaveLength(2);
  });

  test('without a minimum age a digest is deployed by the refresh that finds it, whatever the clocks say', async () => {
    const path = unique('ahead');
    await pushImage(registry, path, ['1.0']);
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    const { id } = await image(path, { tagFilter: 'semver:*' });
    const { id: serviceId } = await service(portolan, envId, { containerImageId: id });
    await refresh(portolan, registryId);
    await placementRow(portolan, serviceId, (await read(id)).latestDigest.id);
    await pushImage(registry, path, ['1.1'], { label: 'ahead' });
    await refresh(portolan, registryId);
    await portolan.sql("update image_digests set pushed_at = now() + interval '5 minutes' where container_image_id = $1", [id]);
    await portolan.call('updateContainerImage', { path: { id }, body: { autoUpdate: true } });
    const attempts = () => portolan.sql("select * from operations where kind = 'deploy.run' and resource_id = $1", [serviceId]);
    await refresh(portolan, registryId, {
      settings: () => ({ ...portolan.context.liveSettings.current(), autoUpdateMinAgeMinutes: 1 }),
    });
    expect(await attempts()).toHaveLength(0);
    await refresh(portolan, registryId);
    expect(await attempts()).toHaveLength(1);
  });

  test('what a refresh writes changes no version that users compare', async () => {
    const path = unique('versions');
    await pushImage(registry, path, ['1']);
    const { id: registryId } = await connectionTo(portolan, envId, registry);
    const { id } = await image(path, { tagFilter: '*' });
    const etags = async () => {
      const answers = [
        await portolan.call('getRegistry', { path: { id: registryId } }),
        await portolan.call('getContainerImage', { path: { id } }),
      ];
      return answers.map(({ headers }) => String(headers.etag));
    };
    const before = await etags();
    await refresh(portolan, registryId);
    const after = await etags();
    const version = (etag: string) => etag.split('.')[0];
    expect(after.map(version)).toEqual(before.map(version));
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });
});
