import { containerImage, digest, service } from '../../support/catalogue';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const link = (id: string, serviceId: string, more: object = {}) =>
  portolan.call('linkServiceToContainerImage', { path: { id, serviceId }, ...more });
/** An image whose newest digest is known; gives its id. */
async function checkedImage(tags: string[], latestTag: string | null): Promise<string> {
  const { id } = await containerImage(portolan, envId);
  const digestId = await digest(portolan, id, { tags });
  await portolan.sql('update container_images set latest_digest_id = $1, latest_tag = $2 where id = $3', [
    digestId,
    latestTag,
    id,
  ]);
  return id;
}

describe('200', () => {
  test('the service has the image, and keeps a channel that exists there', async () => {
    const imageId = await checkedImage(['2.4.0', 'latest'], '2.4.0');
    const { id } = await service(portolan, envId);
    const answer = await link(imageId, id);
    expect(answer.status).toBe(200);
    expect(answer.body.service).toMatchObject({
      id,
      containerImageId: imageId,
      imageTag: 'latest',
      containerImage: { id: imageId },
    });
    expect(answer.headers.etag).toMatch(/^"2\./);
    expect((await portolan.call('getService', { path: { id } })).body).toEqual(answer.body);
  });

  test('a channel that does not exist there becomes the newest tag', async () => {
    const imageId = await checkedImage(['2.4.0', '2'], '2.4.0');
    const { id } = await service(portolan, envId, { imageTag: 'edge' } as object);
    expect((await link(imageId, id)).body.service.imageTag).toBe('2.4.0');
  });

  test('the channel stays while the newest tag is unknown', async () => {
    const unchecked = await containerImage(portolan, envId);
    const { id } = await service(portolan, envId, { imageTag: 'edge' } as object);
    expect((await link(unchecked.id, id)).body.service.imageTag).toBe('edge');
  });

  test('nothing is marked as deployed', async () => {
    const imageId = await checkedImage(['2.4.0'], '2.4.0');
    const { id } = await service(portolan, envId);
    await link(imageId, id);
    const { image } = (await portolan.call('getContainerImage', { path: { id: imageId } })).body;
    expect(image).toMatchObject({ deployedDigestId: null, currentTag: null, lastDeployedAt: null, updateAvailable: false });
    expect(image.services).toMatchObject([{ id, imageTag: '2.4.0' }]);
  });

  test('the audit row tells image and channel; a second time nothing changes', async () => {
    const imageId = await checkedImage(['2.4.0'], '2.4.0');
    const before = await service(portolan, envId);
    await link(imageId, before.id);
    const again = await link(imageId, before.id);
    expect([again.status, String(again.headers.etag).slice(0, 3)]).toEqual([200, '"2.']);
    const rows = await portolan.sql("select * from audit_logs where resource_id = $1 and action <> 'create'", [before.id]);
    expect(rows).toMatchObject([{ action: 'link', operation_id: 'linkServiceToContainerImage', resource_type: 'service' }]);
    expect(rows[0].details).toEqual({
      changed: ['containerImageId', 'imageTag'],
      before: { containerImageId: before.containerImageId, imageTag: 'latest' },
      after: { containerImageId: imageId, imageTag: '2.4.0' },
    });
  });

  test('an Idempotency-Key is acted on once', async () => {
    const [first, second] = [await checkedImage(['latest'], 'latest'), await checkedImage(['latest'], 'latest')];
    const { id } = await service(portolan, envId);
    const headers = { 'idempotency-key': unique('key') };
    await link(first, id, { headers });
    await link(second, id);
    expect((await link(first, id, { headers })).headers['idempotent-replayed']).toBe('true');
    expect((await portolan.call('getService', { path: { id } })).body.service.containerImageId).toBe(second);
  });
});

describe('400', () => {
  test('a service of another environment', async () => {
    const imageId = await checkedImage([], null);
    const foreign = await service(portolan, await environment(portolan));
    const answer = await link(imageId, foreign.id);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, 'serviceId', 'wrong_environment']);
  });
});

describe('404', () => {
  test('an unknown image or service', async () => {
    const imageId = await checkedImage([], null);
    const { id } = await service(portolan, envId);
    expect((await link('example', id)).body.message).toContain('container image');
    expect((await link(imageId, 'example')).status).toBe(404);
    expect((await link(imageId, '01920000-0000-7000-8000-000000000000')).body.message).toContain('service');
  });

  test('an image or a service outside a token’s environments', async () => {
    const elsewhere = await environment(portolan);
    const own = await token(portolan, { environments: [elsewhere], role: 'operator' });
    const imageId = await checkedImage([], null);
    const foreign = await service(portolan, elsewhere);
    expect((await link(imageId, foreign.id, { token: own.token })).body.message).toContain('container image');
    const local = await service(portolan, envId);
    const answer = await link(foreign.containerImageId, local.id, { token: own.token });
    expect([answer.status, answer.body.message.includes('service')]).toEqual([404, true]);
  });
});

describe('412', () => {
  test('when If-Match names another version of the service', async () => {
    const imageId = await checkedImage([], null);
    const { id } = await service(portolan, envId);
    expect((await link(imageId, id, { headers: { 'if-match': '"2.x"' } })).status).toBe(412);
    expect((await link(imageId, id, { headers: { 'if-match': '"1.x"' } })).status).toBe(200);
  });
});
