import { createServer, request as forward, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { enqueueRefreshRegistry } from '../../src/jobs/enqueue';
import { registry as connection, containerImage } from '../support/catalogue';
import { environment } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';
import { describeWithRegistry } from '../support/registry/binary';
import { storeImages } from '../support/registry/bulk';
import { startRegistry, type TestRegistry } from '../support/registry/registry';
import { until } from '../support/registry/scene';
import { build, endAll, newFolder, type Program, run } from './program';

/** Three workers share many refreshes, one of them dies: everything is refreshed, and nothing twice. */

const registries = 45;
const imagesEach = 3;
const delayMs = 25;
const keys = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const programs: Program[] = [];

/** In front of the real registry: keeps a log of who was asked for, and takes its time. */
interface Gate {
  url: string;
  /** Tag lists that were asked for, by repository. */
  lists: Map<string, number>;
  close(): Promise<void>;
}

async function gateBefore(registry: TestRegistry): Promise<Gate> {
  const lists = new Map<string, number>();
  const pass = (incoming: IncomingMessage, answer: Parameters<Parameters<typeof createServer>[1] & object>[1]) => {
    const { method, url = '', headers } = incoming;
    const outgoing = forward(registry.url + url, { method, headers: { ...headers, host: registry.host } }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    outgoing.end();
  };
  const server: Server = createServer((incoming, answer) => {
    const repository = /^\/v2\/(.+)\/tags\/list/.exec(incoming.url ?? '')?.[1];
    if (repository) lists.set(repository, (lists.get(repository) ?? 0) + 1);
    setTimeout(() => pass(incoming, answer), delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lists,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function startWorker(databaseUrl: string): Program {
  const settings = { DATABASE_URL: databaseUrl, PORTOLAN_MASTER_KEYS: keys, WORKER_CONCURRENCY: '3', LOG_LEVEL: 'info' };
  const program = run('work', settings);
  programs.push(program);
  return program;
}

describeWithRegistry('three workers', () => {
  let portolan: Portolan;
  let registry: TestRegistry;
  let gate: Gate;
  beforeAll(async () => {
    await build();
    [portolan, registry] = await Promise.all([startPortolan(), startRegistry()]);
    gate = await gateBefore(registry);
  }, 60_000);
  afterAll(async () => {
    await endAll(programs, []);
    await gate.close();
    await Promise.all([portolan.close(), registry.close()]);
  }, 30_000);

  const finished = async () => {
    const rows = await portolan.sql<{ id: string; n: number }>(
      "select data::json->>'registryId' as id, count(*)::int as n from events where type = 'registry_refresh' group by 1",
    );
    return new Map(rows.map(({ id, n }) => [id, n]));
  };
  const lockedJobs = () => portolan.sql('select id, key from graphile_worker.jobs where locked_by is not null');
  const running = () =>
    portolan.sql<{ registry_id: string; run_id: string }>(
      'select registry_id, run_id from registry_refreshes where run_id is not null and run_until > now()',
    );

  test('refresh each connection once, also when one of them is killed in the middle', async () => {
    const envId = await environment(portolan);
    const ids: string[] = [];
    for (let index = 0; index < registries; index++) {
      const { id: registryConnectionId } = await connection(portolan, envId, { registryUrl: gate.url });
      ids.push(registryConnectionId);
      for (let image = 0; image < imagesEach; image++) {
        const path = `r${index}/i${image}`;
        storeImages(registry, path, [{ tags: ['1.0'], image: { label: path } }]);
        await containerImage(portolan, envId, {
          imageName: `${gate.url.slice(7)}/${path}`,
          registryConnectionId,
          tagFilter: 'semver:*',
        });
      }
    }
    // What creating them queued would begin before everybody is there.
    await portolan.sql('delete from graphile_worker._private_jobs');
    await portolan.sql("update registry_refreshes set next_refresh_at = now() + interval '1 hour'");
    await portolan.sql("update image_checks set next_check_at = now() + interval '1 hour'");
    await portolan.sql(`create table runs (registry_id uuid, run_id uuid, at timestamptz default clock_timestamp())`);
    await portolan.sql(`create function note_run() returns trigger language plpgsql as $$
      begin insert into runs (registry_id, run_id) values (new.registry_id, new.run_id); return null; end $$`);
    await portolan.sql(`create trigger noted after update of run_id on registry_refreshes
      for each row when (old.run_id is distinct from new.run_id) execute function note_run()`);

    const workers = [startWorker(portolan.databaseUrl), startWorker(portolan.databaseUrl), startWorker(portolan.databaseUrl)];
    for (const worker of workers) await until(worker.output, (text) => text.includes('works on jobs'), 20_000);
    await portolan.context.database.transact(async (tx) => {
      for (const id of ids) await enqueueRefreshRegistry(tx, id);
    });
    await until(
      async () => (await finished()).size,
      (size) => size >= 8,
      30_000,
    );
    const victim = workers[0] as Program;
    victim.child.kill('SIGKILL');
    await victim.ended;
    const killedAt = Date.now();
    // The others go on renewing; what nobody renews any more was the victim's.
    const atDeath = await running();
    await until(finished, (done) => done.size === registries, 60_000);
    const tookMs = Date.now() - killedAt;
    await until(lockedJobs, (jobs) => jobs.length === 0, 30_000);

    const again = await finished();
    expect([...again].filter(([, n]) => n !== 1)).toEqual([]);
    const runs = await portolan.sql<{ registry_id: string; run_id: string | null; at: Date }>('select * from runs order by at');
    const begun = new Map<string, string[]>();
    for (const { registry_id: id, run_id: runId } of runs) if (runId) begun.set(id, [...(begun.get(id) ?? []), runId]);
    const interrupted = ids.filter((id) => (begun.get(id)?.length ?? 0) > 1);
    expect(interrupted.length).toBeGreaterThan(0);
    expect(interrupted.length).toBeLessThanOrEqual(3);
    for (const id of interrupted) {
      expect(begun.get(id)).toHaveLength(2);
      // Its first run was the victim's, and nobody took over before its lease was over.
      expect(atDeath.map(({ run_id }) => run_id)).toContain(begun.get(id)?.[0]);
    }
    for (const [index, id] of ids.entries()) {
      const lists = Array.from({ length: imagesEach }, (_, image) => gate.lists.get(`r${index}/i${image}`) ?? 0);
      if (!interrupted.includes(id)) expect(lists).toEqual(Array(imagesEach).fill(1));
      else expect(Math.max(...lists)).toBeLessThanOrEqual(2);
    }
    expect(await portolan.sql("select id from registries where last_refresh_status <> 'ok'")).toEqual([]);
    expect(await portolan.sql("select id from container_images where latest_tag is distinct from '1.0'")).toEqual([]);
    expect(tookMs).toBeLessThan(40_000);
    if (process.env.BENCH) console.log({ interrupted: interrupted.length, tookMs });
  }, 120_000);

  test('stop when they are asked to, and leave nothing locked', async () => {
    for (const worker of programs.slice(1)) worker.child.kill('SIGTERM');
    expect(await Promise.all(programs.slice(1).map(({ ended }) => ended))).toEqual([0, 0]);
    expect(await lockedJobs()).toEqual([]);
    expect(await running()).toEqual([]);
  }, 20_000);
});

describe('portolan work', () => {
  beforeAll(build, 60_000);

  test('says why it cannot work on an embedded database that another process has', async () => {
    const folder = newFolder();
    const common = { PORTOLAN_DATA: folder, LOG_LEVEL: 'warn' };
    const owner = run('serve', { ...common, PORT: '0', METRICS_PORT: 'off' });
    programs.push(owner);
    try {
      await until(owner.output, (text) => text.includes('Portolan answers at'), 30_000);
      const worker = run('work', common);
      expect(await worker.ended).toBe(1);
      expect(worker.output()).toMatch(/already runs on this data folder[\s\S]*DATABASE_URL/);
    } finally {
      owner.child.kill('SIGTERM');
      await owner.ended;
      await endAll([owner], [folder]);
    }
  }, 60_000);
});
