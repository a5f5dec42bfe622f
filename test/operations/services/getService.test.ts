import { containerImage, digest, placement, registry, service, serviceType } from '../../support/catalogue';
import { adminEmail } from '../../support/config';
import { builtDroplet } from '../../support/droplets';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { pinDigest, placementRow } from '../../support/rows';
import { watchPlacement } from '../serviceDeployments/placementsOfTests';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const read = (id: string, more: object = {}) => portolan.call('getService', { path: { id }, ...more });

describe('200', () => {
  test('the image inside is the image object without its services', async () => {
    await registry(portolan, envId, { autoLinkPattern: 'acme/*', username: 'ci' });
    const image = await containerImage(portolan, envId);
    const digestId = await digest(portolan, image.id, { tags: ['2.4.0', '2'], best_tag: '2.4.0' });
    await portolan.sql("update container_images set latest_digest_id = $1, latest_tag = '2.4.0' where id = $2", [
      digestId,
      image.id,
    ]);
    const { id } = await service(portolan, envId, { containerImageId: image.id });
    const whole = (await portolan.call('getContainerImage', { path: { id: image.id } })).body.image;
    const { services: _, serviceCount: __, ...rest } = whole;
    const inside = (await read(id)).body.service.containerImage;
    expect(inside).toEqual(rest);
    expect(inside).toMatchObject({ registryLink: 'pattern', latestDigest: { id: digestId, tags: ['2.4.0', '2'] } });
  });

  test('the type inside has its commands in order', async () => {
    const typeId = await serviceType(portolan, { migrate: 'manage.py migrate', shell: 'manage.py shell' }, 'Django');
    await portolan.sql("update type_commands set sort_order = 9 where service_type_id = $1 and name = 'migrate'", [typeId]);
    const { id } = await service(portolan, envId, { serviceTypeId: typeId } as object);
    const { serviceType: type } = (await read(id)).body.service;
    expect(type).toMatchObject({ id: typeId, displayName: 'Django', source: 'user', isCustomized: false });
    expect(type.commands.map((command: { name: string }) => command.name)).toEqual(['shell', 'migrate']);
    expect(type.commands[0]).toMatchObject({ command: 'manage.py shell', serviceTypeId: typeId, sortOrder: 1 });
    expect(type.commands[0].createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('a service without image, as the Cloud Foundry surface makes them', async () => {
    const { id } = await service(portolan, envId);
    await portolan.sql('update services set container_image_id = null where id = $1', [id]);
    expect((await read(id)).body.service).toMatchObject({ containerImageId: null, containerImage: null });
  });

  test('without current droplet', async () => {
    const { id } = await service(portolan, envId);
    expect((await read(id)).body.service).toMatchObject({ currentDropletId: null, currentDroplet: null });
  });

  test('the current droplet, with what is known of its digest', async () => {
    const { id } = await service(portolan, envId);
    const built = await builtDroplet(portolan, id);
    await portolan.call('setCurrentDropletForApp', { path: { guid: id }, body: { data: { guid: built.id } } });
    const current = async () => (await read(id)).body.service.currentDroplet;
    const shown = { id: built.id, image: built.image, manifestDigest: built.manifestDigest, setBy: adminEmail };
    expect(await current()).toEqual({ ...shown, tag: null, setAt: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) });
    await portolan.sql(`update image_digests set best_tag = '2.1.0' where id = $1`, [built.digestId]);
    expect(await current()).toMatchObject({ ...shown, tag: '2.1.0' });
    await portolan.sql('update droplets set image = $1 where id = $2', [`${built.repository}:2`, built.id]);
    expect(await current()).toMatchObject({ image: `${built.repository}:2`, manifestDigest: built.manifestDigest, tag: '2' });
    const { name } = (await read(id)).body.service;
    const listed = await portolan.call('listServices', { path: { envId }, query: { name } });
    expect(listed.body.services[0].currentDroplet).toEqual(await current());
  });

  test('is what the list shows', async () => {
    const { id, name } = await service(portolan, envId, {
      serviceTypeId: await serviceType(portolan, { shell: 'sh' }),
    } as object);
    const listed = await portolan.call('listServices', { path: { envId }, query: { name } });
    expect(listed.body.services).toEqual([(await read(id)).body.service]);
  });

  test('placed nowhere: what placements tell is null and empty', async () => {
    const { id } = await service(portolan, envId);
    expect((await read(id)).body.service).toMatchObject({
      serviceDeployments: [],
      summary: { placements: 0, running: 0, healthy: 0, unhealthy: 0, missing: 0 },
      containerName: null,
      exposedPorts: null,
      serverId: null,
      server: null,
      drifted: false,
    });
  });

  test('its placements, the oldest first; that one fills the flat members', async () => {
    const { id, name } = await service(portolan, envId);
    const young = await placement(portolan, id, { containerName: 'young' });
    const old = await placement(portolan, id, { containerName: 'old', composePath: '/opt/old.yml', envOverrides: { A: '1' } });
    await portolan.sql("update service_deployments set created_at = created_at - interval '1 day' where id = $1", [old.id]);
    const { shown, server } = await watchPlacement(portolan, old.id);
    const found = (await read(id)).body.service;
    expect(found.serviceDeployments.map((placed: { id: string }) => placed.id)).toEqual([old.id, young.id]);
    expect(found.summary).toEqual({ placements: 2, running: 1, healthy: 0, unhealthy: 1, missing: 0 });
    const { status, containerStatus, healthStatus, exposedPorts, discoveryStatus, lastCheckedAt, lastDiscoveredAt } = shown;
    expect(found).toMatchObject({
      ...{ status, containerStatus, healthStatus, exposedPorts, discoveryStatus, lastCheckedAt, lastDiscoveredAt },
      containerName: 'old',
      composePath: '/opt/old.yml',
      serverId: old.serverId,
      server: { ...old.server, ...server },
    });
    const listed = await portolan.call('listServices', { path: { envId }, query: { name } });
    expect(listed.body.services).toEqual([found]);
    const updated = await portolan.call('updateService', { path: { id }, body: { healthRetries: 9 } });
    expect(updated.body.service).toEqual({ ...found, healthRetries: 9, updatedAt: expect.any(String) });
  });

  test('the summary counts what is told of each placement', async () => {
    const { id } = await service(portolan, envId);
    const states = [
      ['healthy', 'running', 'healthy', 'found'],
      ['running', 'running', 'none', 'found'],
      ['unhealthy', 'running', 'unhealthy', 'found'],
      ['missing', 'not_found', 'unknown', 'found'],
      ['unknown', 'unknown', 'unknown', 'missing'],
      ['stopped', 'exited', 'unknown', 'found'],
    ];
    for (const [status, container_status, health_status, discovery_status] of states) {
      await placementRow(portolan, id, null, { status, container_status, health_status, discovery_status });
    }
    const { summary } = (await read(id)).body.service;
    expect(summary).toEqual({ placements: 6, running: 3, healthy: 1, unhealthy: 1, missing: 2 });
  });

  test('drifted when a placement runs something else than what is pinned', async () => {
    const image = await containerImage(portolan, envId);
    const [pinned, other] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
    const pinnedId = await digest(portolan, image.id, { manifest_digest: pinned });
    const otherId = await digest(portolan, image.id, { manifest_digest: other });
    const { id } = await service(portolan, envId, { containerImageId: image.id });
    const placed = await placementRow(portolan, id, otherId);
    const drifted = async (imageDigestId: string | null, runningDigest: string | null) => {
      const values = [placed, imageDigestId, runningDigest];
      await portolan.sql('update service_deployments set image_digest_id = $2, running_digest = $3 where id = $1', values);
      return (await read(id)).body.service.drifted;
    };
    expect(await drifted(otherId, null)).toBe(false);
    await pinDigest(portolan, id, pinnedId);
    expect(await drifted(otherId, null)).toBe(true);
    expect(await drifted(pinnedId, null)).toBe(false);
    expect(await drifted(pinnedId, other)).toBe(true);
    expect(await drifted(otherId, pinned)).toBe(false);
    expect(await drifted(null, null)).toBe(false);
    expect(await drifted(null, other)).toBe(true);
  });
});

describe('304', () => {
  test('while nothing changed; a change of the image inside shows', async () => {
    const { id, containerImageId } = await service(portolan, envId);
    const headers = { 'if-none-match': String((await read(id)).headers.etag) };
    const same = await read(id, { headers });
    expect([same.status, same.text]).toEqual([304, '']);
    await portolan.sql("update container_images set latest_tag = '9' where id = $1", [containerImageId]);
    expect((await read(id, { headers })).status).toBe(200);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await read(id)).status).toBe(404);
  });

  test('a service outside a token’s environments', async () => {
    const { id } = await service(portolan, envId);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await read(id, { token: other.token })).status).toBe(404);
  });
});
