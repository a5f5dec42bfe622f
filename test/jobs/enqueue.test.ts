import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { enqueueCheckImage, enqueueDueRefreshes, enqueueRefreshRegistry } from '../../src/jobs/enqueue';
import { migrateQueue, newestQueueMigration } from '../../src/jobs/queueSchema';
import { type Portolan, startPortolan } from '../support/portolan';

const id = '01920000-0000-7000-8000-000000000001';
const other = '01920000-0000-7000-8000-000000000002';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());
afterEach(() => portolan.sql('delete from graphile_worker._private_jobs'));

const jobs = () =>
  portolan.sql<{ task: string; key: string; run_at: string; payload: object; priority: number }>(
    'select t.identifier as task, key, run_at, payload, priority from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id order by key',
  );

test('the newest migration of the queue is the one of the library in use', () => {
  const folder = join(dirname(require.resolve('graphile-worker/package.json')), 'sql');
  const newest = Math.max(...readdirSync(folder).map((name) => Number.parseInt(name, 10)));
  expect(newest).toBe(newestQueueMigration);
});

test('asking twice for one thing adds one job', async () => {
  await portolan.context.database.transact(async (tx) => {
    await enqueueRefreshRegistry(tx, id);
    await enqueueCheckImage(tx, id);
    await enqueueRefreshRegistry(tx, id);
    await enqueueRefreshRegistry(tx, other);
  });
  expect((await jobs()).map(({ task, key, payload }) => [task, key, payload])).toEqual([
    ['checkImage', `checkImage:${id}`, { imageId: id }],
    ['refreshRegistry', `refreshRegistry:${id}`, { registryId: id }],
    ['refreshRegistry', `refreshRegistry:${other}`, { registryId: other }],
  ]);
});

test('a job goes with its transaction', async () => {
  const failing = portolan.context.database.transact(async (tx) => {
    await enqueueRefreshRegistry(tx, id);
    throw new Error('rolled back');
  });
  await expect(failing).rejects.toThrow('rolled back');
  expect(await jobs()).toEqual([]);
});

test('the schedule does not delay what was asked for, and asking hurries what is scheduled', async () => {
  const later = new Date(Date.now() + 40_000).toISOString();
  await portolan.context.database.transact((tx) => enqueueRefreshRegistry(tx, id));
  await portolan.context.database.transact((tx) =>
    enqueueDueRefreshes(
      tx,
      [id, other].map((due) => ({ id: due, runAt: later })),
    ),
  );
  const [first, second] = await jobs();
  expect(Date.parse(first?.run_at as string)).toBeLessThanOrEqual(Date.now());
  expect(second?.run_at).toBe(later);
  await portolan.context.database.transact((tx) => enqueueRefreshRegistry(tx, other));
  expect(Date.parse((await jobs())[1]?.run_at as string)).toBeLessThanOrEqual(Date.now());
});

test('replicas that start together bring the schema up once', async () => {
  await portolan.sql('drop schema graphile_worker cascade');
  const done = await Promise.all([1, 2, 3].map(() => migrateQueue(portolan.context.database)));
  expect(done.filter(Boolean)).toHaveLength(1);
  expect(await migrateQueue(portolan.context.database)).toBe(false);
  await portolan.context.database.transact((tx) => enqueueRefreshRegistry(tx, id));
  expect(await jobs()).toHaveLength(1);
});
