import { walkImage } from '../../src/jobs/images/walkImage';
import { refreshRegistry } from '../../src/jobs/registries/refreshRegistry';
import { scheduleRefreshes } from '../../src/jobs/registries/scheduleRefreshes';
import { sweepDigests } from '../../src/store/imageSightings';
import { registry as connection, containerImage, digest, service } from '../support/catalogue';
import { environment, unique } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { type FakeRegistry, fakeRegistry, until } from '../support/registry/scene';
import { imageRow, operationRow, pinDigest, placementRow, registryRow } from '../support/rows';
import { refresh, refreshParts } from './refreshing';

/** What users change while a connection is refreshed, and clocks that differ. */

let portolan: Portolan;
let fake: FakeRegistry;
let envId: string;
/** Tags of every repository, each with a digest of its own. */
let tags: string[];
/** Done once, while a list of tags is asked for. */
let meanwhile: (() => Promise<unknown>) | undefined;

beforeAll(async () => {
  portolan = await startPortolan();
  fake = await fakeRegistry(async (request, response) => {
    const path = (request.url ?? '').split('?')[0] as string;
    const work = path.endsWith('/tags/list') ? meanwhile : undefined;
    if (work) meanwhile = undefined;
    await work?.();
    const tag = path.split('/').at(-1) as string;
    const digestOf = `sha256:${Buffer.from(tag).toString('hex').padEnd(64, '0').slice(0, 64)}`;
    const manifest = path.includes('/manifests/')
      ? { 'docker-content-digest': digestOf, 'content-type': 'application/vnd.oci.image.manifest.v1+json' }
      : {};
    response.writeHead(200, { 'content-type': 'application/json', ...manifest });
    response.end(JSON.stringify(path.endsWith('/tags/list') ? { name: 'x', tags } : {}));
  });
});
afterAll(() => Promise.all([portolan.close(), fake.close()]));
beforeEach(async () => {
  envId = await environment(portolan);
  tags = ['1.0'];
  meanwhile = undefined;
});

const connect = (members: object = {}) => connection(portolan, envId, { registryUrl: fake.url, ...members });
const image = (members: object = {}) =>
  containerImage(portolan, envId, { imageName: `${fake.host}/${unique('path')}`, tagFilter: 'semver:*', ...members });
const readImage = async (id: string) => (await portolan.call('getContainerImage', { path: { id } })).body.image;
const stateOf = async (id: string) => (await portolan.call('getOperation', { path: { id } })).body.operation;
const plan = async (id: string) =>
  (
    await portolan.sql<any>(
      'select *, extract(epoch from next_refresh_at - now())::float8 / 60 as minutes from registry_refreshes where registry_id = $1',
      [id],
    )
  )[0];

describe('a connection that is deleted', () => {
  test('before its refresh begins ends the operation that waits for it', async () => {
    const { id } = await connect();
    const asked = await portolan.call('checkRegistryUpdates', { path: { id } });
    await portolan.call('deleteRegistry', { path: { id } });
    expect(await refresh(portolan, id)).toEqual({ registryId: id, end: 'gone' });
    expect(await stateOf(asked.body.operation.id)).toMatchObject({
      state: 'cancelled',
      warnings: [{ code: 'registry_deleted' }],
    });
  });

  test('while it is refreshed ends the operation too, and the environment can go', async () => {
    const { id } = await connect();
    const { id: imageId } = await image();
    const asked = await portolan.call('checkRegistryUpdates', { path: { id } });
    meanwhile = () => portolan.call('deleteRegistry', { path: { id } });
    expect(await refresh(portolan, id)).toMatchObject({ end: 'gone' });
    expect(await stateOf(asked.body.operation.id)).toMatchObject({ state: 'cancelled' });
    await portolan.call('deleteContainerImage', { path: { id: imageId } });
    expect((await portolan.call('deleteEnvironment', { path: { id: envId } })).status).toBe(204);
  });
});

test('an interval that is changed while a connection is refreshed holds from then on', async () => {
  const { id } = await connect({ refreshIntervalMinutes: 1440 });
  await image();
  meanwhile = () => portolan.call('updateRegistry', { path: { id }, body: { refreshIntervalMinutes: 5 } });
  expect(await refresh(portolan, id)).toMatchObject({ end: 'ok' });
  expect((await plan(id)).minutes).toBeLessThan(6);
});

describe('a process whose clock is wrong', () => {
  const hour = 60 * 60_000;
  test.each([
    ['behind', -5 * hour],
    ['ahead', 5 * hour],
  ])('refreshes after the interval, however far it is %s', async (_, byMs) => {
    const { id } = await connect({ refreshIntervalMinutes: 30 });
    const served = await image();
    const alone = await containerImage(portolan, envId, { imageName: `127.0.0.1:9/${unique('path')}` });
    const now = () => new Date(Date.now() + byMs);
    await refresh(portolan, id, { now });
    const { minutes } = await plan(id);
    expect(minutes).toBeGreaterThan(26);
    expect(minutes).toBeLessThan(34);
    await walkImage(refreshParts(portolan, { now }), alone.id);
    const next = await portolan.sql<any>(
      'select extract(epoch from next_check_at - now())::float8 / 60 as minutes from image_checks where container_image_id = any($1)',
      [[served.id, alone.id]],
    );
    for (const row of next) {
      expect(row.minutes).toBeGreaterThan(8);
      expect(row.minutes).toBeLessThan(101);
    }
  });

  test('queues what is due for the time at which it is', async () => {
    await portolan.sql("update registry_refreshes set next_refresh_at = now() + interval '1 hour'");
    const id = await registryRow(portolan, envId);
    const real = Date.now;
    Date.now = () => real() + 5 * hour;
    try {
      await scheduleRefreshes(portolan.context.database);
    } finally {
      Date.now = real;
    }
    const [job] = await portolan.sql<any>(
      "select run_at < now() + interval '2 minutes' as soon from graphile_worker.jobs where key = $1",
      [`refreshRegistry:${id}`],
    );
    expect(job).toEqual({ soon: true });
  });
});

describe('automatic updates', () => {
  async function tried() {
    await connect();
    const { id } = await image({ autoUpdate: true });
    const { id: serviceId } = await service(portolan, envId, { containerImageId: id });
    const parts = refreshParts(portolan);
    await walkImage(parts, id);
    await placementRow(portolan, serviceId, (await readImage(id)).latestDigest.id);
    tags = ['1.0', '1.1'];
    await walkImage(parts, id);
    const attempts = async () =>
      (await portolan.sql("select id from operations where kind = 'deploy.run' and resource_id = $1", [serviceId])).length;
    expect(await attempts()).toBe(1);
    return { id, parts, attempts };
  }

  test('one without a minimum age is due with the refresh that finds it', async () => {
    for (let round = 0; round < 8; round++) {
      tags = ['1.0'];
      envId = await environment(portolan);
      await tried();
    }
  });

  test('retryFailed holds for whoever joins a walk that was begun without it', async () => {
    const { id, parts, attempts } = await tried();
    let joined: Promise<unknown> | undefined;
    meanwhile = async () => {
      joined = walkImage(parts, id, { retryFailed: true });
      await new Promise((resolve) => setTimeout(resolve, 150));
    };
    await walkImage(parts, id);
    await joined;
    expect(await attempts()).toBe(2);
  });
});

test('a digest that gets a tag again while it is swept stays', async () => {
  const imageId = await imageRow(portolan, envId);
  const id = await digest(portolan, imageId);
  await portolan.sql("update image_digests set last_seen_at = now() - interval '200 days' where id = $1", [id]);
  const { transact } = portolan.context.database;
  let sweeping: Promise<number> | undefined;
  await transact(async (tx) => {
    await tx
      .updateTable('image_digests')
      .set({ tags: ['1.0'] })
      .where('id', '=', id)
      .execute();
    sweeping = transact((other) => sweepDigests(other, 90, 100));
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
  await sweeping;
  expect(await portolan.sql('select tags from image_digests where id = $1', [id])).toEqual([{ tags: ['1.0'] }]);
});

test('another channel of a service counts at once', async () => {
  await connect();
  const { id } = await image({ tagFilter: '*' });
  tags = ['1.0', '1.0-alpine', '1.1-alpine'];
  await walkImage(refreshParts(portolan), id);
  const both = await digest(portolan, id, { tags: ['1.0', '1.0-alpine'] });
  const { id: serviceId } = await service(portolan, envId, { containerImageId: id });
  await portolan.call('updateService', { path: { id: serviceId }, body: { imageTag: '1.0' } });
  await pinDigest(portolan, serviceId, both);
  await portolan.call('updateService', { path: { id: serviceId }, body: { imageTag: '1.0-alpine' } });
  const { body } = await portolan.call('getService', { path: { id: serviceId } });
  expect(body.service.updateAvailable).toBe(true);
});

test('progress does not go back when another worker takes over', async () => {
  const id = await registryRow(portolan, envId, { registry_url: fake.url });
  await image();
  const columns = { resource_type: 'registry', resource_id: id, environment_id: envId, state: 'running' };
  const operationId = await operationRow(portolan, { ...columns, progress_done: 1, progress_total: 1 });
  let seen: unknown;
  meanwhile = async () => {
    seen = (await stateOf(operationId)).progress;
  };
  await refreshRegistry(refreshParts(portolan), id);
  await until(
    () => seen,
    (value) => value !== undefined,
  );
  expect(seen).toEqual({ done: 1, total: 1 });
});

test('a service that follows another family than the first one is told the newest of its own', async () => {
  await connect();
  const { id } = await image({ tagFilter: '*' });
  tags = ['1.0', '1.0-alpine', '1.1', '1.2-alpine'];
  await walkImage(refreshParts(portolan), id);
  const digests = (await portolan.call('listImageDigests', { path: { id } })).body.digests as { id: string; tags: string[] }[];
  const digestOf = (tag: string) => digests.find((row) => row.tags.includes(tag))?.id as string;
  const plain = await service(portolan, envId, { containerImageId: id });
  const alpine = await service(portolan, envId, { containerImageId: id });
  await pinDigest(portolan, plain.id, digestOf('1.0'));
  await pinDigest(portolan, alpine.id, digestOf('1.0-alpine'));
  const told = async (of: { id: string }) => (await portolan.call('checkServiceUpdates', { path: { id: of.id } })).body;
  expect(await told(plain)).toMatchObject({ hasUpdate: true, bestTag: '1.1', newestDigestId: digestOf('1.1') });
  expect(await told(alpine)).toMatchObject({ hasUpdate: true, bestTag: '1.2-alpine', newestDigestId: digestOf('1.2-alpine') });
});
