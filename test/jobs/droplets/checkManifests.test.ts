import { checkManifests } from '../../../src/jobs/droplets/checkManifests';
import { registry as connection } from '../../support/catalogue';
import { appIn, auditOf, makeCurrent } from '../../support/droplets';
import { environment, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { describeWithRegistry } from '../../support/registry/binary';
import { deleteDigest, pushImage } from '../../support/registry/images';
import { startRegistry, type TestRegistry } from '../../support/registry/registry';
import { connectionTo } from '../../support/registry/scene';
import { operationRow } from '../../support/rows';
import { staged, stageParts } from '../builds/staging';

describeWithRegistry('manifests of staged droplets', () => {
  let portolan: Portolan;
  let registry: TestRegistry;
  let space: string;
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'htpasswd', tls: true });
    portolan = await startPortolan({ REGISTRY_CA_FILE: registry.caFile as string });
  });
  afterAll(() => Promise.all([portolan.close(), registry.close()]));
  beforeEach(async () => {
    await portolan.sql('delete from environments');
    space = await environment(portolan);
  });

  const check = () => checkManifests(stageParts(portolan));
  const later = () => portolan.sql("update droplets set manifest_checked_at = now() - interval '21 hours'");
  const push = async (path: string) => (await pushImage(registry, path, ['1'])).digest;
  const build = async (path: string, data: object = {}, app?: string): Promise<string> => {
    const image = `${registry.host}/${path}:1`;
    return (await staged(portolan, app ?? (await appIn(portolan, space)), { image, ...data })).droplet.guid;
  };
  const read = async (guid: string) => (await portolan.call('getDroplet', { path: { guid } })).body;

  test('that are there are looked for once a day, with one request for each digest', async () => {
    await connectionTo(portolan, space, registry);
    const path = unique('there');
    await push(path);
    const droplets = [await build(path), await build(path)];
    // A build has just looked.
    expect(await check()).toEqual({ digests: 0, unknown: 0, lost: 0, expired: 0 });
    await later();
    const sent = portolan.context.registryClient.requestCount;
    expect(await check()).toEqual({ digests: 1, unknown: 0, lost: 0, expired: 0 });
    expect(portolan.context.registryClient.requestCount - sent).toBe(1);
    expect(await check()).toMatchObject({ digests: 0 });
    for (const guid of droplets) expect((await read(guid)).state).toBe('STAGED');
    expect(await portolan.sql("select name from clock_jobs where name = 'checkManifests'")).toHaveLength(1);
  });

  test('that are lost make droplets expire; the current one stays, with one warning while it is lost', async () => {
    await connectionTo(portolan, space, registry);
    const path = unique('lost');
    const digest = await push(path);
    const app = await appIn(portolan, space);
    const [old, current] = [await build(path, {}, app), await build(path, {}, app)];
    const [elsewhere, targeted] = [await build(path), await build(path)];
    await makeCurrent(portolan, current);
    const [{ service_id: targetApp }] = await portolan.sql<any>('select service_id from droplets where id = $1', [targeted]);
    await operationRow(portolan, {
      kind: 'deploy.run',
      state: 'running',
      resource_type: 'service',
      resource_id: targetApp,
      environment_id: space,
      parameters: JSON.stringify({ dropletId: targeted }),
    });
    await deleteDigest(registry, path, digest);
    await later();
    expect(await check()).toEqual({ digests: 1, unknown: 0, lost: 1, expired: 2 });
    expect((await read(old)).state).toBe('EXPIRED');
    expect((await read(elsewhere)).state).toBe('EXPIRED');
    for (const guid of [current, targeted]) expect(await read(guid)).toMatchObject({ state: 'STAGED', error: null });
    const warnings = async () => (await auditOf(portolan, current)).filter(({ action }) => action === 'warn');
    expect(await warnings()).toMatchObject([
      {
        resource_type: 'droplet',
        environment_id: space,
        details: { appGuid: app, warning: expect.stringContaining('manifest') },
      },
    ]);
    await later();
    expect(await check()).toMatchObject({ lost: 1, expired: 0 });
    expect(await warnings()).toHaveLength(1);

    await push(path);
    await later();
    expect(await check()).toMatchObject({ lost: 0 });
    await deleteDigest(registry, path, digest);
    await later();
    await check();
    expect(await warnings()).toHaveLength(2);
  });

  test('are read with the credentials of the package, where it has some', async () => {
    const path = unique('own');
    const digest = await push(path);
    const { username, password } = registry as { username: string; password: string };
    const guid = await build(path, { username, password });
    await later();
    expect(await check()).toEqual({ digests: 1, unknown: 0, lost: 0, expired: 0 });
    await deleteDigest(registry, path, digest);
    await later();
    expect(await check()).toMatchObject({ lost: 1, expired: 1 });
    expect((await read(guid)).state).toBe('EXPIRED');
  });

  test('of a registry that says nothing of them stay', async () => {
    const { id } = await connectionTo(portolan, space, registry);
    const path = unique('mute');
    await push(path);
    const guid = await build(path);
    await portolan.sql('update registries set password_sealed = null, username = null where id = $1', [id]);
    await later();
    expect(await check()).toEqual({ digests: 1, unknown: 1, lost: 0, expired: 0 });
    expect((await read(guid)).state).toBe('STAGED');
  });

  test('of a host that is away are not asked for one by one', async () => {
    const own = await startRegistry();
    await connection(portolan, space, { registryUrl: own.url });
    for (const path of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
      await pushImage(own, path, ['1'], { label: path });
      await staged(portolan, await appIn(portolan, space), { image: `${own.host}/${path}:1` });
    }
    await own.close();
    await later();
    const sent = portolan.context.registryClient.requestCount;
    expect(await check()).toEqual({ digests: 8, unknown: 8, lost: 0, expired: 0 });
    // Three attempts each for those that were asked at once.
    expect(portolan.context.registryClient.requestCount - sent).toBeLessThanOrEqual(12);
  });
});
