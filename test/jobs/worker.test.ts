import pino from 'pino';
import { type RefreshParts, refreshRegistry } from '../../src/jobs/registries/refreshRegistry';
import { type QueuedJob, startWorker, type Worker, type WorkerOptions } from '../../src/jobs/worker';
import { openDatabase } from '../../src/store/database';
import { addJob } from '../../src/store/jobs';
import { freeJobsOfSilentWorkers, noteAlive } from '../../src/store/workers';
import { environment } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { until } from '../support/registry/scene';
import { registryRow } from '../support/rows';
import { refreshParts } from './refreshing';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());
const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await portolan.sql('delete from graphile_worker._private_jobs');
  await portolan.sql('delete from worker_processes');
});

const times = { heartbeatMs: 50, silentMs: 400, pollMs: 50 };

async function start(queuedJobs: Record<string, QueuedJob>, options: Partial<WorkerOptions> = {}): Promise<Worker> {
  const database = openDatabase({ connectionString: portolan.databaseUrl, poolSize: 4, applicationName: 'test worker' });
  const log = pino({ level: 'silent' });
  const common = { database, log, clockJobs: {}, queuedJobs, concurrency: 2, stopping: new AbortController(), ...times };
  const worker = await startWorker({ ...common, ...options });
  const stop = async () => {
    await worker.stop();
    await database.close();
  };
  workers.push({ stop });
  return { stop };
}

const add = (task: string, key: string) =>
  portolan.context.database.transact((tx) => addJob(tx, { task, payload: { key }, key, runAt: null, priority: 0 }));
const rows = () => portolan.sql<any>('select key, attempts, locked_by, last_error from graphile_worker.jobs order by key');

test('the job of a worker that fell silent is taken up again', async () => {
  // A worker that died in the middle of its job: its lock stays, its signs of life end.
  await add('count', 'one');
  await portolan.sql("update graphile_worker._private_jobs set locked_by = 'pool-dead', locked_at = now()");
  await portolan.context.database.transact((tx) => noteAlive(tx, '01920000-0000-7000-8000-00000000dead', ['pool-dead']));
  const ran: string[] = [];
  await start({ count: async (payload) => void ran.push((payload as { key: string }).key) });
  await until(
    () => ran.length,
    (count) => count === 1,
    5000,
  );
  await until(rows, (jobs) => jobs.length === 0);
  expect(ran).toEqual(['one']);
});

test('a job whose worker died behind its commit is known by its id when it is taken up again', async () => {
  const envId = await environment(portolan);
  const registryId = await registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9' });
  const ends: string[] = [];
  let dies = true;
  const parts = refreshParts(portolan);
  await start({
    refreshRegistry: async (_, jobId) => {
      ends.push((await refreshRegistry(parts, registryId, jobId)).end);
      if (!dies) return;
      dies = false;
      throw new Error('gone before the queue was told');
    },
  });
  await add('refreshRegistry', 'one');
  await until(
    () => ends.length,
    (count) => count === 1,
  );
  await until(rows, ([row]) => row?.locked_by === null);
  await portolan.sql('update graphile_worker._private_jobs set run_at = now()');
  await until(
    () => ends.length,
    (count) => count === 2,
  );
  expect(ends).toEqual(['failed', 'done']);
  await until(rows, (jobs) => jobs.length === 0);
});

test('a job that is taken up again is known as the same, unless it was asked for again meanwhile', async () => {
  const ids: string[] = [];
  const die: QueuedJob = async (_, jobId) => {
    ids.push(jobId);
    throw new Error('died');
  };
  await add('die', 'one');
  await start({ die });
  const again = async (count: number) => {
    await until(rows, ([row]) => ids.length === count && row?.locked_by === null);
  };
  await again(1);
  await portolan.sql('update graphile_worker._private_jobs set run_at = now()');
  await again(2);
  await add('die', 'one');
  await again(3);
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});

test('nor does a job stay locked by one that died before its first sign of life', async () => {
  await add('count', 'one');
  await portolan.sql(
    "update graphile_worker._private_jobs set locked_by = 'pool-unheard', locked_at = now() - interval '2 seconds'",
  );
  const ran: string[] = [];
  await start({ count: async () => void ran.push('one') });
  await until(
    () => ran.length,
    (count) => count === 1,
    5000,
  );
});

test('the job of a worker that lives is left alone, however long it takes', async () => {
  let ends = 0;
  let begins = 0;
  const slow: QueuedJob = async () => {
    begins++;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    ends++;
  };
  await start({ slow });
  await start({ slow });
  await add('slow', 'one');
  await until(
    () => ends,
    (count) => count === 1,
    5000,
  );
  expect(begins).toBe(1);
});

test('only one of several replicas frees the jobs, and the others do not wait for it', async () => {
  const { transact } = portolan.context.database;
  await transact(async (tx) => {
    expect(await freeJobsOfSilentWorkers(tx, 1000)).toEqual([]);
    const started = performance.now();
    await transact((other) => freeJobsOfSilentWorkers(other, 1000));
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

test('an internal failure is tried again, later and later', async () => {
  let tries = 0;
  await start({
    failing: async () => {
      tries++;
      throw new Error('the dog ate it');
    },
  });
  await add('failing', 'one');
  const [job] = await until(rows, ([row]) => row?.last_error !== null && row?.locked_by === null);
  expect(job).toMatchObject({ attempts: 1, last_error: 'the dog ate it' });
  const [{ waits }] = await portolan.sql<any>('select run_at > now() as waits from graphile_worker.jobs');
  expect(waits).toBe(true);
  expect(tries).toBe(1);
});

test('clock jobs go on while every place for queued jobs is taken', async () => {
  let free = () => {};
  const taken = new Promise<void>((resolve) => {
    free = resolve;
  });
  const ran: string[] = [];
  await start(
    { blocked: () => taken },
    { concurrency: 1, clockJobs: { tick: { cron: '* * * * *', run: async () => void ran.push('tick') } } },
  );
  await add('blocked', 'one');
  await until(rows, ([row]) => row?.locked_by !== null);
  await add('tick', 'tick');
  await until(
    () => ran.length,
    (count) => count === 1,
  );
  free();
});

test('a paused worker that wakes up late writes nothing over its successor', async () => {
  const envId = await environment(portolan);
  const registryId = await registryRow(portolan, envId, { registry_url: 'http://127.0.0.1:9' });
  const { registryClient } = portolan.context;
  let wake = () => {};
  const asleep = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const paused = {
    ...registryClient,
    test: async (...parameters: Parameters<typeof registryClient.test>) => {
      await asleep;
      return registryClient.test(...parameters);
    },
  };
  const parts = (client: RefreshParts['registryClient'], refreshLeaseMs: number) =>
    refreshParts(portolan, { registryClient: client, refreshLeaseMs });
  // A lease that ends at once, and timers that come too late to renew it, are what a pause looks like from outside.
  const sleeper = refreshRegistry(parts(paused as typeof registryClient, 60_000), registryId);
  const mine = () => portolan.sql<any>('select run_id from registry_refreshes where registry_id = $1', [registryId]);
  await until(mine, ([row]) => row.run_id !== null);
  await portolan.sql("update registry_refreshes set run_until = now() - interval '1 second' where registry_id = $1", [
    registryId,
  ]);
  expect(await refreshRegistry(parts(registryClient, 60_000), registryId)).toMatchObject({ end: 'failed' });
  const written = () => portolan.sql('select last_refresh_at, last_refresh_error from registries where id = $1', [registryId]);
  const before = await written();
  wake();
  expect(await sleeper).toEqual({ registryId, end: 'lost' });
  expect(await written()).toEqual(before);
});
