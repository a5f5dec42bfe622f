import { containerImage, digest } from '../../support/catalogue';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { placementRow, serverRow, serviceRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
let id: string;
let digestId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  id = (await containerImage(portolan, envId)).id;
  digestId = await digest(portolan, id, { tags: ['2.4.0'], rank: 1, eligible: true, size_bytes: 9_007_199_254_740_991 });
});
afterAll(() => portolan.close());

const read = (imageId: string, ofDigest: string, more: object = {}) =>
  portolan.call('getImageDigest', { path: { id: imageId, digestId: ofDigest }, ...more });

describe('200', () => {
  test('is what the list shows, and where it runs', async () => {
    const listed = await portolan.call('listImageDigests', { path: { id } });
    const answer = await read(id, digestId);
    expect(answer.body).toEqual({ digest: listed.body.digests[0], serviceDeployments: [] });
    expect(answer.body.digest).toMatchObject({ id: digestId, eligible: true, size: 9_007_199_254_740_991 });
  });
});

describe('200: a digest that runs', () => {
  test('names the placements and their services, oldest first', async () => {
    const running = await digest(portolan, id, { tags: ['2.5.0'] });
    const [web, api] = [
      await serviceRow(portolan, envId, { name: 'web', container_image_id: id }),
      await serviceRow(portolan, envId, { name: 'api', container_image_id: id }),
    ];
    const [one, two] = [await serverRow(portolan, api, 'one'), await serverRow(portolan, web, 'two')];
    const second = await placementRow(portolan, web, running, { server_id: two, created_at: '2026-01-02' });
    const first = await placementRow(portolan, api, running, { server_id: one, created_at: '2026-01-01' });
    await placementRow(portolan, api, digestId);
    expect((await read(id, running)).body.serviceDeployments).toEqual([
      { id: first, server: { id: one, name: 'one' }, service: { id: api, name: 'api' } },
      { id: second, server: { id: two, name: 'two' }, service: { id: web, name: 'web' } },
    ]);
    await portolan.sql('delete from service_deployments');
  });
});

describe('304', () => {
  test('while nothing changed', async () => {
    const headers = { 'if-none-match': String((await read(id, digestId)).headers.etag) };
    expect((await read(id, digestId, { headers })).status).toBe(304);
    await portolan.sql("update image_digests set tags = '{2.4.0,2}' where id = $1", [digestId]);
    expect((await read(id, digestId, { headers })).status).toBe(200);
  });
});

describe('404', () => {
  test('a digest of another image', async () => {
    const other = await containerImage(portolan, envId);
    expect((await read(other.id, digestId)).body.message).toContain('digest');
  });

  test('an unknown image or digest', async () => {
    expect((await read('example', digestId)).status).toBe(404);
    expect((await read('01920000-0000-7000-8000-000000000000', digestId)).status).toBe(404);
    expect((await read(id, 'example')).status).toBe(404);
    expect((await read(id, '01920000-0000-7000-8000-000000000000')).status).toBe(404);
  });

  test('an image outside a token’s environments', async () => {
    const foreign = await token(portolan, { environments: [await environment(portolan)] });
    expect((await read(id, digestId, { token: foreign.token })).status).toBe(404);
  });
});
