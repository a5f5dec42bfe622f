import pino from 'pino';
import { startWorker } from '../../src/jobs/worker';
import { openDatabase } from '../../src/store/database';
import { addJob } from '../../src/store/jobs';
import { type Portolan, startPortolan } from '../support/portolan';
import { until } from '../support/registry/scene';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

test.each([
  ['succeeds', async () => {}],
  [
    'fails',
    async () => {
      throw new Error('the dog ate it');
    },
  ],
])(
  'a job that %s while the database is away neither ends the process nor stays locked',
  async (_, end) => {
    const rejections: unknown[] = [];
    const note = (error: unknown) => void rejections.push(error);
    process.on('unhandledRejection', note);
    const database = openDatabase({ connectionString: portolan.databaseUrl, poolSize: 6, applicationName: 'outage worker' });
    let begun = false;
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const worker = await startWorker({
      database,
      log: pino({ level: 'silent' }),
      clockJobs: {},
      queuedJobs: {
        slow: async () => {
          begun = true;
          await held;
          await end();
        },
      },
      concurrency: 1,
      stopping: new AbortController(),
      heartbeatMs: 100,
      silentMs: 20_000,
      pollMs: 50,
    });
    try {
      const { transact } = portolan.context.database;
      await transact((tx) => addJob(tx, { task: 'slow', payload: {}, key: 'slow', runAt: null, priority: 0 }));
      await until(
        () => begun,
        (is) => is,
      );
      // No new connection is had, and those that there were are gone.
      const settings = (database.pool as unknown as { options: { connectionString: string } }).options;
      const { connectionString } = settings;
      settings.connectionString = connectionString.replace(/:\d+\//, ':9/');
      await portolan.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'outage worker' and datname = current_database()",
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      letGo();
      await new Promise((resolve) => setTimeout(resolve, 500));
      settings.connectionString = connectionString;
      const ended = () => portolan.sql<any>("select locked_at, last_error from graphile_worker.jobs where key = 'slow'");
      await until(ended, ([job]) => job === undefined || job.locked_at === null, 9000);
      expect(rejections).toEqual([]);
    } finally {
      await worker.stop();
      await database.close();
      process.off('unhandledRejection', note);
      await portolan.sql('delete from graphile_worker._private_jobs');
    }
  },
  30_000,
);
