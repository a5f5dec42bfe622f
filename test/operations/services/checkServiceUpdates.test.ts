import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { describeWithRegistry } from '../../support/registry/binary';
import { pushImage } from '../../support/registry/images';
import { startRegistry, type TestRegistry } from '../../support/registry/registry';
import { connectionTo, imageOf } from '../../support/registry/scene';
import { imageRow, pinDigest, placementRow, registryRow, serviceRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const check = (id: string, more: object = {}) => portolan.call('checkServiceUpdates', { path: { id }, ...more });

describeWithRegistry('200', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry();
    await connectionTo(portolan, envId, registry);
  });
  afterAll(() => registry.close());

  test('each service of an image has its own answer', async () => {
    await pushImage(registry, 'acme/app', ['1.0.0']);
    const image = await imageOf(portolan, envId, registry, 'acme/app', { tagFilter: 'semver:^1' });
    const [idle, pinned, placed] = [
      await serviceRow(portolan, envId, { container_image_id: image.id }),
      await serviceRow(portolan, envId, { container_image_id: image.id }),
      await serviceRow(portolan, envId, { container_image_id: image.id }),
    ];
    const first = (await check(idle)).body;
    expect(first).toEqual({
      hasUpdate: false,
      currentTag: null,
      bestTag: '1.0.0',
      newestDigestId: expect.any(String),
      lastUpdateCheckAt: expect.any(String),
    });
    await pinDigest(portolan, pinned, first.newestDigestId);
    await pushImage(registry, 'acme/app', ['1.1.0'], { label: 'next' });
    const second = (await check(pinned)).body;
    expect(second).toMatchObject({ hasUpdate: true, currentTag: '1.0.0', bestTag: '1.1.0' });
    await placementRow(portolan, placed, second.newestDigestId);
    expect((await check(placed)).body).toMatchObject({ hasUpdate: false, currentTag: '1.1.0', bestTag: '1.1.0' });
    expect((await check(idle)).body).toMatchObject({ hasUpdate: false, currentTag: null });
  });
});

describe('409', () => {
  test('a service without an image', async () => {
    const answer = await check(await serviceRow(portolan, envId));
    expect([answer.status, answer.body.details]).toEqual([409, { state: 'no_image' }]);
  });
});

describe('502', () => {
  test('nobody listens, which is kept at the image', async () => {
    const imageId = await imageRow(portolan, envId, {
      image_name: '127.0.0.1:9/acme/app',
      repository: '127.0.0.1:9/acme/app',
      registry_connection_id: await registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9' }),
    });
    const id = await serviceRow(portolan, envId, { container_image_id: imageId });
    const answer = await check(id);
    expect([answer.status, answer.body.details.upstream.reason]).toEqual([502, 'connection_refused']);
    const { service } = (await portolan.call('getService', { path: { id } })).body;
    expect(service.containerImage.lastCheckError.reason).toBe('connection_refused');
  });
});

describe('403, 404 and 412', () => {
  test('a viewer, a foreign token, another version', async () => {
    const id = await serviceRow(portolan, envId, { container_image_id: await imageRow(portolan, envId) });
    const viewer = await token(portolan, { role: 'viewer' });
    expect((await check(id, { token: viewer.token })).status).toBe(403);
    const ofImages = await token(portolan, { scopes: ['images:write'] });
    const denied = await check(id, { token: ofImages.token });
    expect([denied.status, denied.body.details]).toEqual([403, { requiredScope: 'services:write' }]);
    const foreign = await token(portolan, { environments: [await environment(portolan)] });
    expect((await check(id, { token: foreign.token })).status).toBe(404);
    expect((await check(id, { headers: { 'if-match': '"9.x"' } })).status).toBe(412);
  });
});
