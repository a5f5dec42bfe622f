import { spawn } from 'node:child_process';
import { uuidv7 } from 'uuidv7';
import { claimDueRefreshes } from '../../src/store/registryRefreshes';
import { openDatabase } from '../../src/store/database';
import { enqueueDueRefreshes } from '../../src/jobs/enqueue';
import { storeManyRepositories } from '../../test/support/registry/bulk';
import { startRegistry, type TestRegistry } from '../../test/support/registry/registry';
import type { BenchDatabase } from './database';
import { type LoadResult, load, median, peer, pinned } from './processes';

const repositories = 300;
const tagsEach = 20;
/** REGISTRY_MAX_CONCURRENCY_PER_HOST, as it is by default; the plain loop gets the same. */
const concurrency = 4;

/** An environment with a connection to a real registry process and an image for each of its repositories. */
export interface WatchedRegistry {
  registry: TestRegistry;
  registryId: string;
  paths: string[];
  close(): Promise<void>;
}

export async function watchRegistry(database: BenchDatabase): Promise<WatchedRegistry> {
  const registry = await startRegistry();
  const paths = storeManyRepositories(registry, 'bench', repositories, tagsEach);
  const [environmentId, registryId] = [uuidv7(), uuidv7()];
  await database.sql('insert into environments (id, name) values ($1, $1)', [environmentId]);
  await database.sql(
    "insert into registries (id, environment_id, name, type, registry_url) values ($1, $2, 'local', 'generic', $3)",
    [registryId, environmentId, `http://${registry.host}`],
  );
  for (const path of paths) {
    const name = `${registry.host}/${path}`;
    await database.sql(
      `insert into container_images (id, environment_id, name, image_name, repository, tag_filter, registry_connection_id)
       values ($1, $2, $3, $3, $3, '*', $4)`,
      [uuidv7(), environmentId, name, registryId],
    );
  }
  return { registry, registryId, paths, close: () => registry.close() };
}

export interface Refreshed {
  seconds: number;
  requests: number;
}

/** Asks for a refresh of a connection as a client does, and waits for its end. */
export async function refresh(base: string, database: BenchDatabase, registryId: string): Promise<Refreshed> {
  const headers = { authorization: `Bearer ${database.token}`, 'content-type': 'application/json' };
  const started = performance.now();
  const asked = await fetch(`${base}/api/registries/${registryId}/check-updates`, { method: 'POST', headers, body: '{}' });
  if (asked.status !== 202) throw new Error(`check-updates answered ${asked.status}: ${await asked.text()}`);
  const { operation } = (await asked.json()) as { operation: { id: string } };
  for (;;) {
    const answer = await fetch(`${base}/api/operations/${operation.id}`, { headers });
    const { operation: now } = (await answer.json()) as {
      operation: { state: string; error: unknown; result: { requests: number; summary: { checked: number; errors: number } } };
    };
    if (now.state === 'succeeded') {
      const { checked, errors } = now.result.summary;
      if (checked !== repositories || errors > 0) throw new Error(`${checked} checked, ${errors} errors`);
      return { seconds: (performance.now() - started) / 1000, requests: now.result.requests };
    }
    if (now.state === 'failed' || now.state === 'cancelled') throw new Error(`the refresh ${now.state}: ${JSON.stringify(now)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The same tag lists and HEADs in a plain loop, at the same concurrency and on the same core as the service. */
export async function plainLoop({ registry, paths }: WatchedRegistry): Promise<Refreshed> {
  const [program = '', ...args] = pinned(0, peer('heads'));
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  child.stdin.end(JSON.stringify({ origin: `http://${registry.host}`, paths, concurrency }));
  await new Promise((resolve) => child.once('exit', resolve));
  return JSON.parse(text) as Refreshed;
}

/** p99 of `getRegistry` at a steady rate, while nothing else happens or while refreshes follow each other. */
export async function readsDuring(
  base: string,
  database: BenchDatabase,
  seconds: number,
  watched: WatchedRegistry | null,
): Promise<LoadResult & { refreshes: number }> {
  const headers = { authorization: `Bearer ${database.token}` };
  const requests = database.registryIds.map((id) => [{ method: 'GET', path: `/api/registries/${id}`, headers }]);
  let ended = false;
  let refreshes = 0;
  const refreshing = (async () => {
    while (watched && !ended) {
      await refresh(base, database, watched.registryId);
      refreshes += 1;
    }
  })();
  const result = await load({ url: base, connections: 10, rate: 500, seconds, requests }, 200);
  ended = true;
  await refreshing;
  return { ...result, refreshes };
}

export interface Scheduled {
  registries: number;
  images: number;
  /** Database time of one turn of the schedule, over the connections that were due in it. */
  msEach: number;
  plan: string;
}

/** 100 000 images of 200 connections that are all due: what claiming them and adding their jobs costs the database. */
export async function schedule(database: BenchDatabase): Promise<Scheduled> {
  const [registries, images] = [200, 100_000];
  const environmentId = uuidv7();
  await database.sql('insert into environments (id, name) values ($1, $1)', [environmentId]);
  await database.sql(
    `insert into registries (id, environment_id, name, type, registry_url)
     select gen_random_uuid(), $1, 'due-' || n, 'generic', 'registry-' || n || '.example.com' from generate_series(1, $2::int) n`,
    [environmentId, registries],
  );
  await database.sql(
    `insert into container_images (id, environment_id, name, image_name, repository, registry_connection_id)
     select gen_random_uuid(), $1, 'due-' || row_number, 'due/' || row_number, registry_url || '/due/' || row_number, id
     from (select row_number() over (), id, registry_url from registries cross join generate_series(1, $2::int)
           where environment_id = $1) every`,
    [environmentId, images / registries],
  );
  await database.sql('vacuum analyze registry_refreshes, image_checks, registries, container_images');
  const { transact, db: _, close } = openDatabase({ connectionString: database.url, poolSize: 1, applicationName: 'bench' });
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    await database.sql("update registry_refreshes set next_refresh_at = now() + interval '1 day'");
    await database.sql(
      `update registry_refreshes set next_refresh_at = now() - interval '1 second'
       where registry_id in (select id from registries where environment_id = $1)`,
      [environmentId],
    );
    const started = performance.now();
    await transact(async (tx) => {
      const due = await claimDueRefreshes(tx, 60_000, registries);
      if (due.length !== registries) throw new Error(`${due.length} claimed`);
      await enqueueDueRefreshes(
        tx,
        due.map(({ registry_id: id, due_at: runAt }) => ({ id, runAt })),
      );
    });
    times.push((performance.now() - started) / registries);
  }
  await close();
  const plan = await database.sql(
    `explain select registry_id from registry_refreshes where next_refresh_at <= now() order by next_refresh_at limit 200
     for update skip locked`,
  );
  await database.sql('delete from environments where id = $1', [environmentId]);
  await database.sql("delete from graphile_worker._private_jobs where key like 'refreshRegistry:%'");
  const text = plan.map((line) => String(line['QUERY PLAN']).trim()).join(' · ');
  return { registries, images, msEach: median(times), plan: text };
}
