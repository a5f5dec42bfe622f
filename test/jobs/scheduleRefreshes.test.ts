import { scheduleRefreshes } from '../../src/jobs/registries/scheduleRefreshes';
import { environment } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { imageRow, registryRow } from '../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());
beforeEach(async () => {
  await portolan.sql('delete from container_images');
  await portolan.sql('delete from registries');
  await portolan.sql('delete from graphile_worker._private_jobs');
  envId = await environment(portolan);
});

const schedule = () => scheduleRefreshes(portolan.context.database);
const jobs = () =>
  portolan.sql<{ key: string; run_at: string }>('select key, run_at from graphile_worker.jobs order by run_at, key');
const plan = (id: string, at: string) =>
  portolan.sql(`update registry_refreshes set next_refresh_at = now() + interval '${at}' where registry_id = $1`, [id]);
const seconds = (iso: string) => (Date.parse(iso) - Date.now()) / 1000;

test('a connection gets a job at its exact time, and its next turn is an interval later', async () => {
  const soon = await registryRow(portolan, envId, { refresh_interval_minutes: 30 });
  const later = await registryRow(portolan, envId);
  await plan(soon, '3 seconds');
  await plan(later, '20 seconds');
  const [before] = await portolan.sql('select next_refresh_at from registry_refreshes where registry_id = $1', [soon]);
  expect(await schedule()).toEqual({ registries: 1, images: 0 });
  expect(await jobs()).toEqual([{ key: `refreshRegistry:${soon}`, run_at: before.next_refresh_at }]);
  const [after] = await portolan.sql('select next_refresh_at from registry_refreshes where registry_id = $1', [soon]);
  const minutes = (Date.parse(after.next_refresh_at) - Date.parse(before.next_refresh_at)) / 60_000;
  expect(minutes).toBeGreaterThanOrEqual(27);
  expect(minutes).toBeLessThanOrEqual(33);
});

test('what is overdue is spread over the minute, not sent in a burst', async () => {
  for (let index = 0; index < 60; index++) await plan(await registryRow(portolan, envId), '-3 hours');
  await schedule();
  const times = (await jobs()).map((job) => seconds(job.run_at));
  expect(times).toHaveLength(60);
  expect(Math.max(...times)).toBeLessThanOrEqual(60);
  const perTenSeconds = new Map<number, number>();
  for (const time of times) perTenSeconds.set(Math.floor(time / 10), (perTenSeconds.get(Math.floor(time / 10)) ?? 0) + 1);
  expect(Math.max(...perTenSeconds.values())).toBeLessThan(30);
});

test('what a user changed is due at once, and does not wait for the minute', async () => {
  const id = await registryRow(portolan, envId);
  await plan(id, '1 hour');
  await portolan.call('updateRegistry', { path: { id }, body: { username: 'somebody' } });
  await schedule();
  const [job] = await jobs();
  expect(job?.key).toBe(`refreshRegistry:${id}`);
  expect(seconds(job?.run_at ?? '')).toBeLessThan(2);
});

test('replicas that schedule at once queue each connection once, and so does running it twice', async () => {
  for (let index = 0; index < 40; index++) await plan(await registryRow(portolan, envId), '3 seconds');
  const counts = await Promise.all([schedule(), schedule(), schedule()]);
  expect(counts.reduce((sum, { registries }) => sum + registries, 0)).toBe(40);
  expect(await jobs()).toHaveLength(40);
  expect(await schedule()).toEqual({ registries: 0, images: 0 });
});

test('images are checked by themselves when they are new or no connection serves them', async () => {
  const fresh = await imageRow(portolan, envId);
  const registryId = await registryRow(portolan, envId, { registry_url: 'quay.io' });
  await plan(registryId, '1 hour');
  const checked = { last_checked_at: new Date().toISOString() };
  const alone = await imageRow(portolan, envId, checked);
  await imageRow(portolan, envId, { ...checked, image_name: 'quay.io/acme/shop', repository: 'quay.io/acme/shop' });
  await imageRow(portolan, envId, { ...checked, registry_connection_id: registryId });
  expect(await schedule()).toEqual({ registries: 0, images: 2 });
  expect((await jobs()).map(({ key }) => key).sort()).toEqual([`checkImage:${fresh}`, `checkImage:${alone}`].sort());
  const [again] = await portolan.sql<{ least: number; most: number }>(
    'select extract(epoch from min(next_check_at) - now()) / 60 as least, extract(epoch from max(next_check_at) - now()) / 60 as most from image_checks',
  );
  expect(Number(again?.least)).toBeGreaterThan(53);
  expect(Number(again?.most)).toBeLessThan(67);
});

test('100 000 images over 200 connections among thousands: what is due is found by the index', async () => {
  await portolan.sql(
    `insert into registries (id, environment_id, name, type, registry_url)
     select gen_random_uuid(), $1, 'big-' || n, 'generic', 'registry' || n || '.example.com' from generate_series(1, 200) n`,
    [envId],
  );
  // Beside those that are due there are many that are not.
  await portolan.sql(
    `insert into registries (id, environment_id, name, type, registry_url)
     select gen_random_uuid(), $1, 'idle-' || n, 'generic', 'idle' || n || '.example.com' from generate_series(1, 5000) n`,
    [envId],
  );
  await portolan.sql(
    `insert into container_images (id, environment_id, name, image_name, repository)
     select gen_random_uuid(), $1, 'i' || n, 'registry' || (n % 200 + 1) || '.example.com/acme/' || n,
       'registry' || (n % 200 + 1) || '.example.com/acme/' || n from generate_series(1, 100000) n`,
    [envId],
  );
  await portolan.sql("update registry_refreshes set next_refresh_at = now() + interval '1 hour'");
  await portolan.sql("update image_checks set next_check_at = now() + interval '80 minutes'");
  await portolan.sql(
    `update registry_refreshes set next_refresh_at = now() + interval '3 seconds'
     where registry_id in (select id from registries where name like 'big-%')`,
  );
  for (const table of ['registry_refreshes', 'image_checks', 'registries', 'container_images'])
    await portolan.sql(`analyze ${table}`);
  const explained = await portolan.sql<Record<string, string>>(
    `explain select registry_id, next_refresh_at from registry_refreshes where next_refresh_at <= now() + interval '5 seconds'
     order by next_refresh_at limit 500 for update skip locked`,
  );
  expect(explained.map((row) => row['QUERY PLAN']).join('\n')).toContain('registry_refreshes_due');
  const checks = await portolan.sql<Record<string, string>>(
    `explain select container_image_id from image_checks where next_check_at <= now() + interval '5 seconds'
     order by next_check_at limit 500 for update skip locked`,
  );
  expect(checks.map((row) => row['QUERY PLAN']).join('\n')).toContain('image_checks_due');
  expect(await schedule()).toEqual({ registries: 200, images: 0 });
}, 60_000);
