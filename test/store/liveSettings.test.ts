import { createLiveSettings, type LiveSettings } from '../../src/store/liveSettings';
import { type Portolan, startPortolan } from '../support/portolan';

let portolan: Portolan;
const opened: LiveSettings[] = [];
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await portolan.close();
});

const open = (pollMs: number, connectionString = portolan.databaseUrl): LiveSettings => {
  const { db } = portolan.context.database;
  const live = createLiveSettings({ db, connectionString, installation: { registryMaxTags: 77 }, pollMs });
  opened.push(live);
  return live;
};
const set = (settings: object) =>
  portolan.sql('update system_settings set settings = $1, version = version + 1', [JSON.stringify(settings)]);
async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !holds(); ) {
    if (Date.now() > deadline) throw new Error('It never came about.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('begin with the defaults of the installation, and have what is set once it is read', async () => {
  await set({ maxParallelSteps: 3 });
  const live = open(60_000);
  expect([live.current().registryMaxTags, live.defaults.registryMaxTags]).toEqual([77, 77]);
  await live.refresh();
  expect(live.current()).toEqual({ ...live.defaults, maxParallelSteps: 3 });
});

test('hear of a change without looking', async () => {
  const live = open(10 * 60_000);
  await until(() => live.current().maxParallelSteps === 3);
  await set({ maxParallelSteps: 4 });
  await until(() => live.current().maxParallelSteps === 4);
});

test('look by themselves where nothing is heard', async () => {
  const deaf = open(50, 'postgres://nobody@127.0.0.1:1/nowhere');
  await set({ maxParallelSteps: 5 });
  await until(() => deaf.current().maxParallelSteps === 5);
});

test('what is older than what is known is not taken', async () => {
  const live = open(60_000);
  await live.refresh();
  const { maxParallelSteps } = live.current();
  live.adopt({ version: 1, settings: { maxParallelSteps: 50 } });
  expect(live.current().maxParallelSteps).toBe(maxParallelSteps);
  live.adopt({ version: 1_000_000, settings: { maxParallelSteps: 50 } });
  await live.refresh();
  expect(live.current().maxParallelSteps).toBe(50);
});

test('are no older than five seconds by themselves: the poll of a process is well below', () => {
  const timers = jest.spyOn(global, 'setTimeout');
  const live = createLiveSettings({
    db: portolan.context.database.db,
    connectionString: portolan.databaseUrl,
    installation: {},
  });
  return live
    .refresh()
    .then(() => until(() => timers.mock.calls.some(([, ms]) => ms === 2000)))
    .finally(() => live.close())
    .finally(() => timers.mockRestore());
});
