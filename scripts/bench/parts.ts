import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchDatabase, connections, masterKeys } from './database';
import { fillSecrets, forgetSecrets, keysAfter, readsDuringRotation, steadyReads } from './keys';
import { measurePreviews } from './previews';
import { type LoadResult, load, median, peer, portolan, type RunningProcess, startOnServerCore } from './processes';
import { plainLoop, type Refreshed, readsDuring, refresh, schedule, watchRegistry } from './registries';
import { fillLabelled, measureSelectors } from './selectors';
import { measureVars } from './vars';

export interface Bench {
  database: BenchDatabase;
  padded: boolean;
  seconds: number;
  rounds: number;
}

const port = 3456;
const base = `http://127.0.0.1:${port}`;

const portolanEnv = (database: BenchDatabase): Record<string, string> => ({
  DATABASE_URL: database.url,
  PORTOLAN_MASTER_KEYS: masterKeys,
  PORT: String(port),
  METRICS_PORT: 'off',
  RATE_LIMIT_PRINCIPAL: '1000000000',
  RATE_LIMIT_ADDRESS: '1000000000',
  ADMIN_PASSWORD: 'bench-bench',
});

const start = ({ database, padded }: Bench, name: string): Promise<RunningProcess> =>
  name === 'portolan'
    ? startOnServerCore(padded ? peer('padded') : portolan, portolanEnv(database), `${base}/health`)
    : startOnServerCore(
        peer(name),
        { BENCH_DATABASE_URL: database.url, PORT: String(port) },
        `${base}/api/registries/${database.registryIds[0]}`,
      );

/** Rounds of each program in turn, so that a slow minute of the machine meets all of them. */
async function compare(bench: Bench, names: string[], requests: (database: BenchDatabase) => object[][]): Promise<string[]> {
  const results = new Map<string, LoadResult[]>(names.map((name) => [name, []]));
  for (let round = 0; round < bench.rounds; round++) {
    for (const name of names) {
      const server = await start(bench, name);
      const job = { url: base, connections, requests: requests(bench.database) };
      await load({ ...job, seconds: 2 }, 200);
      results.get(name)?.push(await load({ ...job, seconds: bench.seconds }, 200));
      await server.stop();
    }
  }
  const rate = (name: string) => median((results.get(name) ?? []).map((result) => result.perSecond));
  const floor = rate(names[0] as string);
  return names.map((name) => {
    const all = results.get(name) ?? [];
    const [p50, p99] = [median(all.map((r) => r.p50)), median(all.map((r) => r.p99))];
    return row([
      name,
      `${Math.round(rate(name))}/s`,
      `${(rate(name) / floor).toFixed(2)} of the floor`,
      `p50 ${p50} ms`,
      `p99 ${p99} ms`,
    ]);
  });
}

const row = (cells: string[]): string => `| ${cells.join(' | ')} |`;

const authorized = (database: BenchDatabase) => ({ authorization: `Bearer ${database.token}` });

function reads(bench: Bench): Promise<string[]> {
  return compare(bench, ['floor', 'fastify', 'portolan'], (database) =>
    database.registryIds.map((id) => [{ method: 'GET', path: `/api/registries/${id}`, headers: authorized(database) }]),
  );
}

const tenMembers = (id: string, variant: string) => ({
  name: `${variant}-${id.slice(-3)}`,
  type: 'digitalocean',
  registryUrl: 'registry.digitalocean.com',
  repositoryPrefix: variant,
  token: `token-${variant}`,
  username: variant,
  password: `password-${variant}`,
  isDefault: false,
  refreshIntervalMinutes: variant === 'a' ? 15 : 30,
  autoLinkPattern: `${variant}/*`,
});

function writes(bench: Bench): Promise<string[]> {
  return compare(bench, ['floor', 'fastify', 'portolan'], (database) =>
    database.registryIds.map((id) =>
      ['a', 'b'].map((variant) => ({
        method: 'PATCH',
        path: `/api/registries/${id}`,
        headers: { ...authorized(database), 'content-type': 'application/json' },
        body: JSON.stringify(tenMembers(id, variant)),
      })),
    ),
  );
}

/** What must cost little: an unknown path and a refused credential, against /health. */
async function cheap(bench: Bench): Promise<string[]> {
  const server = await start(bench, 'portolan');
  const cases: [name: string, status: number, request: object][] = [
    ['/health', 200, { method: 'GET', path: '/health' }],
    ['unknown path', 404, { method: 'GET', path: '/api/nothing/here' }],
    ['no credential', 401, { method: 'GET', path: `/api/registries/${bench.database.registryIds[0]}` }],
    [
      'refused credential',
      401,
      {
        method: 'GET',
        path: `/api/registries/${bench.database.registryIds[0]}`,
        headers: { authorization: `Bearer ptl_pat_${'x'.repeat(43)}` },
      },
    ],
  ];
  const rates = cases.map(() => [] as number[]);
  for (let round = 0; round <= bench.rounds; round++) {
    for (const [index, [, status, request]] of cases.entries()) {
      const result = await load(
        { url: base, connections, seconds: Math.max(2, bench.seconds / 2), requests: [[request]] },
        status,
      );
      // The first round warms up.
      if (round > 0) rates[index]?.push(result.perSecond);
    }
  }
  await server.stop();
  const health = median(rates[0] ?? []);
  return cases.map(([name], index) => {
    const rate = median(rates[index] ?? []);
    return row([name, `${Math.round(rate)}/s`, `${(health / rate).toFixed(2)} times the cost of /health`]);
  });
}

/** p50 of a page of 100 images in one environment, first page and a cursor from the middle, as the table grows. */
async function lists(bench: Bench): Promise<string[]> {
  const { database } = bench;
  const lines: string[] = [];
  const firsts: Record<string, number> = {};
  let present = 0;
  for (const size of [1_000, 100_000, 1_000_000]) {
    await database.sql(
      `insert into container_images (id, environment_id, name, image_name, repository)
       select ('01930000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, $1, 'image-' || lpad(n::text, 9, '0'),
              'acme/image-' || n, 'docker.io/acme/image-' || n from generate_series($2::int, $3::int) n`,
      [database.environmentId, present + 1, size],
    );
    present = size;
    await database.sql('vacuum analyze container_images');
    const server = await start(bench, 'portolan');
    const path = `/api/environments/${database.environmentId}/container-images?limit=100`;
    const cursor = await cursorInTheMiddle(database, path, size);
    for (const [name, query] of [
      ['first page', ''],
      ['deep cursor', `&cursor=${cursor}`],
    ] as const) {
      const job = {
        url: base,
        connections: 1,
        requests: [[{ method: 'GET', path: path + query, headers: authorized(database) }]],
      };
      await load({ ...job, seconds: 1 }, 200);
      const result = await load({ ...job, amount: 500 }, 200);
      const ms = result.medianMs;
      firsts[name] ??= ms;
      lines.push(
        row([`${size} rows`, name, `${ms.toFixed(2)} ms a page`, `${(ms / (firsts[name] ?? ms)).toFixed(2)} of 1 000 rows`]),
      );
    }
    await server.stop();
  }
  await database.sql('delete from container_images');
  return lines;
}

/** The cursor of the page that starts in the middle: made by asking for the page before by offset, as a client would. */
async function cursorInTheMiddle(database: BenchDatabase, path: string, size: number): Promise<string> {
  const answer = await fetch(`${base}${path}&offset=${Math.min(100_000, size / 2)}`, { headers: authorized(database) });
  const { nextCursor } = (await answer.json()) as { nextCursor: string };
  return nextCursor;
}

/** From spawn to the first answer: external Postgres, warm; embedded Postgres, warm and first ever. */
async function starts(bench: Bench): Promise<string[]> {
  const times: Record<string, number[]> = {
    'warm, external Postgres': [],
    'cold, embedded Postgres': [],
    'warm, embedded Postgres': [],
  };
  const measure = async (name: string, env: Record<string, string>) => {
    const server = await startOnServerCore(portolan, env, `${base}/health`);
    times[name]?.push(server.startMs);
    await server.stop();
  };
  for (let round = 0; round < Math.max(3, bench.rounds); round++) {
    await measure('warm, external Postgres', portolanEnv(bench.database));
    const folder = await mkdtemp(join(tmpdir(), 'portolan-start-'));
    const env = { PORTOLAN_DATA: folder, PORT: String(port), METRICS_PORT: 'off' };
    await measure('cold, embedded Postgres', env);
    await measure('warm, embedded Postgres', env);
    await rm(folder, { recursive: true, force: true });
  }
  return Object.entries(times).map(([name, all]) => row([name, `${(median(all) / 1000).toFixed(2)} s`]));
}

/** Resident memory after each 100 000 requests, reads and writes mixed. */
async function memory(bench: Bench): Promise<string[]> {
  const server = await start(bench, 'portolan');
  const lines: string[] = [];
  const { database } = bench;
  const requests = database.registryIds.map((id) => [
    ...Array.from({ length: 8 }, () => ({ method: 'GET', path: `/api/registries/${id}`, headers: authorized(database) })),
    ...['a', 'b'].map((variant) => ({
      method: 'PATCH',
      path: `/api/registries/${id}`,
      headers: { ...authorized(database), 'content-type': 'application/json' },
      body: JSON.stringify(tenMembers(id, variant)),
    })),
  ]);
  for (let round = 1; round <= 3; round++) {
    await load({ url: base, connections, amount: 100_000, requests }, 200);
    lines.push(row([`${round}00 000 requests`, `${Math.round(server.residentMiB())} MiB resident`]));
  }
  await server.stop();
  return lines;
}

/** A refresh without news against a plain loop of the same requests; then reads while refreshes run. */
async function refreshes(bench: Bench): Promise<string[]> {
  const { database } = bench;
  const watched = await watchRegistry(database);
  const server = await startOnServerCore(portolan, portolanEnv(database), `${base}/health`);
  try {
    const first = await refresh(base, database, watched.registryId);
    const [ours, loops]: [Refreshed[], Refreshed[]] = [[], []];
    for (let round = 0; round < Math.max(3, bench.rounds); round++) {
      ours.push(await refresh(base, database, watched.registryId));
      loops.push(await plainLoop(watched));
    }
    const seconds = (all: Refreshed[]) => median(all.map((one) => one.seconds));
    const requests = (all: Refreshed[]) => median(all.map((one) => one.requests));
    const idle = await readsDuring(base, database, bench.seconds, null);
    const busy = await readsDuring(base, database, bench.seconds, watched);
    return [
      row(['plain loop', `${requests(loops)} requests`, `${seconds(loops).toFixed(2)} s`, '1.00']),
      row(['first refresh', `${first.requests} requests`, `${first.seconds.toFixed(2)} s`, '']),
      row([
        'refresh without news',
        `${requests(ours)} requests`,
        `${seconds(ours).toFixed(2)} s`,
        `${(seconds(ours) / seconds(loops)).toFixed(2)} times the loop`,
      ]),
      row(['getRegistry, idle', `${Math.round(idle.perSecond)}/s`, `p50 ${idle.p50} ms`, `p99 ${idle.p99} ms`]),
      row([
        `getRegistry during ${busy.refreshes} refreshes`,
        `${Math.round(busy.perSecond)}/s`,
        `p50 ${busy.p50} ms`,
        `p99 ${busy.p99} ms, ${(busy.p99 / idle.p99).toFixed(2)} times idle`,
      ]),
    ];
  } finally {
    await server.stop();
    await watched.close();
  }
}

/** What it costs the database to find connections that are due and to queue their refreshes. */
async function schedules({ database }: Bench): Promise<string[]> {
  const { registries, images, msEach, plan } = await schedule(database);
  return [row([`${registries} due connections, ${images} images`, `${msEach.toFixed(3)} ms each`]), plan];
}

/** Pages of the vars and secrets of one environment, as others are added. Its rows stay. */
const vars = (bench: Bench): Promise<string[]> => measureVars(bench.database, base, bench.rounds, () => start(bench, 'portolan'));
/** All secrets sealed with another key while `getRegistry` is asked for at a steady rate. */
async function keys({ database, seconds, rounds }: Bench): Promise<string[]> {
  await fillSecrets(database, rounds > 1 ? 200_000 : 20_000);
  const server = await startOnServerCore(
    portolan,
    { ...portolanEnv(database), PORTOLAN_MASTER_KEYS: keysAfter },
    `${base}/health`,
  );
  try {
    await steadyReads(base, database, 2);
    const idle = await steadyReads(base, database, seconds);
    const { rotated, reads: busy } = await readsDuringRotation(base, database);
    const [p50, p99] = [median(busy.map((one) => one.p50)), median(busy.map((one) => one.p99))];
    const perSecond = Math.round(rotated.values / rotated.seconds);
    return [
      row([`rotation of ${rotated.values} values`, `${rotated.seconds.toFixed(1)} s`, `${perSecond} a second`]),
      row(['getRegistry, idle', `${Math.round(idle.perSecond)}/s`, `p50 ${idle.p50} ms`, `p99 ${idle.p99} ms`]),
      row([
        `getRegistry during the rotation, ${busy.length} rounds`,
        `${Math.round(median(busy.map((one) => one.perSecond)))}/s`,
        `p50 ${p50} ms`,
        `p99 ${p99} ms, ${(p99 / idle.p99).toFixed(2)} times idle`,
      ]),
    ];
  } finally {
    await server.stop();
    await forgetSecrets(database);
  }
}

/** A preview of a config file of many fragments and placeholders. */
async function previews(bench: Bench): Promise<string[]> {
  const server = await start(bench, 'portolan');
  try {
    return await measurePreviews(bench.database, base, bench.rounds);
  } finally {
    await server.stop();
  }
}

/** A page of a million droplets with five labels each, by every operator of the grammar. The last part: its rows stay. */
async function selectors({ database, rounds }: Bench): Promise<string[]> {
  await fillLabelled(database);
  const titles = ['selector', 'found', 'median', 'p99', 'median of the first pages', 'plan'];
  return [row(titles), ...(await measureSelectors(database, rounds * 100))];
}

export const parts = { reads, writes, cheap, lists, starts, memory, refreshes, schedules, vars, previews, keys, selectors };
