import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { build, endAll, inDatabase, newFolder, postmasterPid, type Served, serve } from './program';

/** What was acknowledged survives the sudden death of the service and of its database, and a retry acts once. */

const password = 'correct horse battery staple';
const clients = 8;
const folder = newFolder();
const started: Served[] = [];
let service: Served;
let bearer: string;
let envId: string;
const agent = new Agent({ connections: clients });

async function start(): Promise<void> {
  service = await serve(folder, { ADMIN_PASSWORD: password });
  started.push(service);
}

beforeAll(async () => {
  await build();
  await start();
  const body = JSON.stringify({ email: 'admin@portolan.local', password });
  const answer = await request(`${service.url}/api/auth/login`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  bearer = `Bearer ${((await answer.body.json()) as { token: string }).token}`;
  const [environment] = await inDatabase<{ id: string }>(folder, 'select id from environments limit 1');
  envId = environment?.id as string;
}, 60_000);
afterAll(async () => {
  await agent.close();
  await endAll(started, [folder]);
}, 30_000);

interface Stream {
  /** Name to the id of what was acknowledged. */
  acknowledged: Map<string, string>;
  retries: number;
  /** Lets each client finish its present write, retrying until it is acknowledged. */
  stop(): Promise<void>;
}

const statuses = new Map<number, number>();
/** No client tries for ever. */
const patienceMs = 30_000;

/** One write, sent again with the same key until it is acknowledged; gives the id and how often it was sent. */
async function create(name: string): Promise<{ id: string; sent: number }> {
  const body = JSON.stringify({ name, type: 'generic', registryUrl: 'ghcr.io' });
  const headers = { authorization: bearer, 'content-type': 'application/json', 'idempotency-key': name };
  const began = Date.now();
  for (let sent = 1; ; sent++) {
    if (Date.now() - began > patienceMs) throw new Error(`${name} was never acknowledged:\n${service.output()}`);
    try {
      const answer = await request(`${service.url}/api/environments/${envId}/registries`, {
        method: 'POST',
        body,
        headers,
        dispatcher: agent,
      });
      const text = await answer.body.text();
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
      if (answer.statusCode === 201) return { id: JSON.parse(text).registry.id, sent };
      if (![503, 409].includes(answer.statusCode) || JSON.parse(text).field === 'name')
        throw new TypeError(`${answer.statusCode} ${text}`);
    } catch (error) {
      // A lost connection is what this is about.
      if (error instanceof TypeError) throw error;
    }
    await delay(20);
  }
}

function streamWrites(round: string): Stream {
  const stream: Stream = { acknowledged: new Map(), retries: 0, stop: async () => {} };
  let stopping = false;
  const client = async (number: number) => {
    for (let i = 0; !stopping; i++) {
      const name = `${round}-${number}-${i}`;
      const { id, sent } = await create(name);
      stream.retries += sent - 1;
      stream.acknowledged.set(name, id);
    }
  };
  const running = Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  stream.stop = async () => {
    stopping = true;
    await running;
  };
  return stream;
}

/** Exactly the acknowledged objects are there, each once, and each key gives it again. */
async function expectAll(round: string, { acknowledged }: Stream): Promise<void> {
  const rows = await inDatabase<{ id: string; name: string }>(
    folder,
    `select id, name from registries where name like '${round}-%'`,
  );
  expect(new Map(rows.map(({ id, name }) => [name, id]))).toEqual(acknowledged);
  expect(rows).toHaveLength(acknowledged.size);
  const audited = await inDatabase<{ n: string }>(
    folder,
    `select count(*) as n from audit_logs where resource_name like '${round}-%'`,
  );
  expect(Number(audited[0]?.n)).toBe(acknowledged.size);
  for (const [name, id] of [...acknowledged].slice(-clients)) expect((await create(name)).id).toBe(id);
}

/** The file of the postmaster is away for a moment. */
async function until(there: () => boolean): Promise<void> {
  for (let waited = 0; waited < 20_000; waited += 20) {
    try {
      if (there()) return;
    } catch {}
    await delay(20);
  }
  throw new Error(`It never came to pass:\n${service.output()}`);
}

const atRandom = () => 200 + Math.random() * 600;

test('kill -9 of the service', async () => {
  const stream = streamWrites('service');
  for (let i = 0; i < 3; i++) {
    await delay(atRandom());
    service.child.kill('SIGKILL');
    expect(await service.ended).toBe('SIGKILL');
    await start();
  }
  await delay(200);
  await stream.stop();
  expect(stream.retries).toBeGreaterThan(0);
  expect(stream.acknowledged.size).toBeGreaterThan(clients);
  await expectAll('service', stream);
}, 60_000);

test('kill -9 of the database below a living service', async () => {
  const stream = streamWrites('database');
  for (let i = 0; i < 2; i++) {
    await delay(atRandom());
    const pid = postmasterPid(folder);
    process.kill(pid, 'SIGKILL');
    await until(() => postmasterPid(folder) !== pid);
    const before = stream.acknowledged.size;
    await until(() => stream.acknowledged.size > before);
  }
  await delay(200);
  await stream.stop();
  expect(service.child.exitCode).toBeNull();
  expect(stream.retries).toBeGreaterThan(0);
  await expectAll('database', stream);
}, 60_000);

test('kill -9 of both at once', async () => {
  const stream = streamWrites('both');
  await delay(atRandom());
  service.child.kill('SIGKILL');
  process.kill(postmasterPid(folder), 'SIGKILL');
  await service.ended;
  await start();
  await delay(200);
  await stream.stop();
  await expectAll('both', stream);
}, 60_000);

test('clients saw nothing but success and "try again"', () => {
  expect([...statuses.keys()].filter((status) => ![201, 409, 503].includes(status))).toEqual([]);
});
