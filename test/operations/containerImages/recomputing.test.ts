import { containerImage, digest } from '../../support/catalogue';
import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { pinDigest, placementRow, registryRow, serviceRow } from '../../support/rows';

/** What is newest, and whether an update is there, follows a change in the answer of the change itself. */

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const read = async (id: string) => (await portolan.call('getContainerImage', { path: { id } })).body.image;
const update = (id: string, body: object) => portolan.call('updateContainerImage', { path: { id }, body });
const jobsOf = async (id: string) =>
  (await portolan.sql('select key from graphile_worker.jobs where key = $1', [`checkImage:${id}`])).length;
const forgetJob = (id: string) => portolan.sql('select graphile_worker.remove_job($1)', [`checkImage:${id}`]);

/** An image with three known versions, of which none is computed yet. */
async function known(tagFilter: string) {
  const { id } = await containerImage(portolan, envId, { tagFilter });
  const digests = { one: '1.0.0', next: '1.1.0', two: '2.0.0' };
  const ids: Record<string, string> = {};
  for (const [name, tag] of Object.entries(digests)) ids[name] = await digest(portolan, id, { tags: [tag] });
  await forgetJob(id);
  return { id, ids: ids as Record<keyof typeof digests, string> };
}
async function pinnedService(imageId: string, digestId: string): Promise<string> {
  const id = await serviceRow(portolan, envId, { container_image_id: imageId });
  await pinDigest(portolan, id, digestId);
  return id;
}

describe('createContainerImage', () => {
  test('queues a first check', async () => {
    expect(await jobsOf((await containerImage(portolan, envId)).id)).toBe(1);
  });
});

describe('updateContainerImage', () => {
  test('a new filter is evaluated at once over known tags, and a check is queued', async () => {
    const { id, ids } = await known('latest');
    const answer = await update(id, { tagFilter: 'semver:^1' });
    expect(answer.body.image).toMatchObject({ latestTag: '1.1.0', latestDigest: { id: ids.next, bestTag: '1.1.0' } });
    expect(await read(id)).toEqual(answer.body.image);
    expect(await jobsOf(id)).toBe(1);
    expect((await update(id, { tagFilter: 'semver:>=1' })).body.image.latestTag).toBe('2.0.0');
    expect((await update(id, { tagFilter: 'nothing-of-this' })).body.image).toMatchObject({
      latestTag: null,
      latestDigest: null,
    });
  });

  test('whether an update is there follows the filter', async () => {
    const { id, ids } = await known('latest');
    await pinnedService(id, ids.next);
    expect((await update(id, { tagFilter: 'semver:^1' })).body.image).toMatchObject({
      updateAvailable: false,
      currentTag: '1.1.0',
    });
    expect((await update(id, { tagFilter: 'semver:*' })).body.image).toMatchObject({ updateAvailable: true, latestTag: '2.0.0' });
  });

  test('another connection is a reason to check, a name is none', async () => {
    const { id } = await known('latest');
    await update(id, { name: 'renamed', autoUpdate: true });
    expect(await jobsOf(id)).toBe(0);
    await update(id, { registryConnectionId: await registryRow(portolan, envId) });
    expect(await jobsOf(id)).toBe(1);
  });
});

describe('updateService and linkServiceToContainerImage', () => {
  const ways: [string, (serviceId: string, imageId: string) => Promise<any>][] = [
    [
      'updateService',
      async (id, containerImageId) => portolan.call('updateService', { path: { id }, body: { containerImageId } }),
    ],
    [
      'linkServiceToContainerImage',
      async (serviceId, id) => portolan.call('linkServiceToContainerImage', { path: { id, serviceId } }),
    ],
  ];
  test.each(ways)('%s: the image that is left and the one that is joined', async (_name, move) => {
    const [from, to] = [await known('semver:*'), await known('semver:*')];
    for (const { id } of [from, to]) await update(id, { tagFilter: 'semver:>=1' });
    const serviceId = await pinnedService(from.id, from.ids.one);
    await update(from.id, { tagFilter: 'semver:>=0' });
    expect((await read(from.id)).updateAvailable).toBe(true);
    const answer = await move(serviceId, to.id);
    expect(answer.status).toBe(200);
    expect(answer.body.service.containerImage.id).toBe(to.id);
    expect((await portolan.call('getService', { path: { id: serviceId } })).body.service).toEqual(answer.body.service);
    expect((await read(from.id)).updateAvailable).toBe(false);
  });
});

describe('deleteService', () => {
  test('the last service that is behind takes the update with it', async () => {
    const { id, ids } = await known('latest');
    const serviceId = await serviceRow(portolan, envId, { container_image_id: id });
    await placementRow(portolan, serviceId, ids.one);
    expect((await update(id, { tagFilter: 'semver:*' })).body.image).toMatchObject({
      updateAvailable: true,
      deployedDigestId: ids.one,
      currentTag: '1.0.0',
    });
    expect((await portolan.call('deleteService', { path: { id: serviceId } })).status).toBe(204);
    expect(await read(id)).toMatchObject({ updateAvailable: false, deployedDigestId: null, currentTag: null });
  });
});
