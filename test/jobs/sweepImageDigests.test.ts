import { sweepImageDigests } from '../../src/jobs/sweepImageDigests';
import { digest } from '../support/catalogue';
import { environment } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { imageRow, pinDigest, placementRow, serviceRow } from '../support/rows';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

test('only digests that nothing uses and that were last seen long ago go', async () => {
  const envId = await environment(portolan);
  const imageId = await imageRow(portolan, envId);
  const serviceId = await serviceRow(portolan, envId, { container_image_id: imageId });
  const [gone, tagged, pinned, placed, newest, lately] = await Promise.all([
    digest(portolan, imageId),
    digest(portolan, imageId, { tags: ['1.0'] }),
    digest(portolan, imageId),
    digest(portolan, imageId),
    digest(portolan, imageId),
    digest(portolan, imageId),
  ]);
  await pinDigest(portolan, serviceId, pinned);
  await placementRow(portolan, serviceId, placed);
  await portolan.sql('update container_images set latest_digest_id = $1 where id = $2', [newest, imageId]);
  // Found long ago, but seen since.
  await portolan.sql(
    "update image_digests set discovered_at = now() - interval '200 days', last_seen_at = now() - interval '91 days'",
  );
  await portolan.sql("update image_digests set last_seen_at = now() - interval '89 days' where id = $1", [lately]);
  const ids = async () => (await portolan.sql<{ id: string }>('select id from image_digests order by id')).map((row) => row.id);
  const { database } = portolan.context;
  expect(await sweepImageDigests(database, 90)).toEqual({ digests: 1 });
  expect(await ids()).toEqual([tagged, pinned, placed, newest, lately].sort());
  expect(await ids()).not.toContain(gone);
  expect(await sweepImageDigests(database, 90)).toEqual({ digests: 0 });
  expect(await portolan.sql("select name from clock_jobs where name = 'sweepImageDigests'")).toHaveLength(1);
});
