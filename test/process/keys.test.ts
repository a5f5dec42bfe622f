import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseMasterKeys } from '../../src/config/keys';
import { seal } from '../../src/store/sealing';
import { build, endAll, inDatabase, newFolder, type Program, run, type Served, serve } from './program';

let folder: string;
const programs: Program[] = [];
beforeAll(build);
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => endAll(programs.splice(0), [folder]));

async function started(): Promise<Served> {
  const served = await serve(folder, { ADMIN_PASSWORD: 'correct horse battery staple', WORKER: 'false' });
  programs.push(served);
  return served;
}
async function stop(served: Served): Promise<void> {
  served.child.kill('SIGTERM');
  await served.ended;
}
const begun = (command: string, settings: object = {}): Program => {
  const program = run(`keys ${command}`, { PORTOLAN_DATA: folder, ...settings });
  programs.push(program);
  return program;
};
async function keys(command: string, settings: object = {}): Promise<{ code: number | string; output: string }> {
  const program = begun(command, settings);
  return { code: await program.ended, output: program.output() };
}
const login = (url: string) =>
  fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'admin@portolan.local', password: 'correct horse battery staple' }),
  });

/** Puts secrets past the service, sealed with the first key that the folder keeps now. */
async function addSecrets(count: number): Promise<void> {
  const keyring = parseMasterKeys(JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8')).masterKeys);
  const rows = Array.from({ length: count }, (_, n) => {
    const id = `01920000-0000-7000-8000-${String(n).padStart(12, '0')}`;
    const record = seal(keyring, { table: 'secrets', column: 'value_sealed', rowId: id }, `value ${n}`);
    return `('${id}', (select id from environments limit 1), 'S_${n}', '${record}')`;
  });
  await inDatabase(folder, `insert into secrets (id, environment_id, key, value_sealed) values ${rows.join(', ')}`);
}
const keyOfSecrets = () =>
  inDatabase<{ key: string; n: number }>(
    folder,
    "select split_part(value_sealed, '.', 2) as key, count(*)::int as n from secrets group by 1 order by 1",
  );

test('a key is replaced while the service runs', async () => {
  const first = await started();
  await addSecrets(1000);
  const status = await keys('status');
  expect(status.code).toBe(0);
  expect(status.output).toMatch(/^k1 +seals and opens +\d+ +secrets\.value_sealed$|^ +1000 +secrets\.value_sealed$/m);

  const added = await keys('add');
  expect([added.code, added.output]).toEqual([0, expect.stringContaining('Added k2')]);
  // The running process could not open what is sealed with a key that it does not have.
  const refused = await keys('rotate');
  expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('not have the key k2')]);
  expect(await keyOfSecrets()).toEqual([{ key: 'k1', n: 1000 }]);
  expect((await login(first.url)).status).toBe(200);
  await stop(first);

  const second = await started();
  const used = await keys('remove k1');
  expect([used.code, used.output]).toEqual([1, expect.stringContaining('values are sealed with k1')]);
  const rotated = await keys('rotate --batch-size 100');
  expect([rotated.code, rotated.output]).toEqual([0, expect.stringMatching(/^Sealed \d+ values with k2 in [\d.]+ s\.$/m)]);
  expect(await keyOfSecrets()).toEqual([{ key: 'k2', n: 1000 }]);
  expect((await login(second.url)).status).toBe(200);
  const json = JSON.parse((await keys('status --json')).output);
  expect(json.keys).toMatchObject([
    { id: 'k2', state: 'first', columns: { 'secrets.value_sealed': 1000 } },
    { id: 'k1', state: 'other', values: 0, columns: {} },
  ]);

  const removed = await keys('remove k1');
  expect([removed.code, removed.output]).toEqual([0, expect.stringContaining('Removed k1')]);
  await stop(second);
  const third = await started();
  expect((await login(third.url)).status).toBe(200);
}, 300_000);

test('a rotation that was killed goes on, also while no service runs', async () => {
  const served = await started();
  await addSecrets(3000);
  await stop(served);
  await keys('add --id spring');
  await started();
  const killed = begun('rotate --batch-size 1');
  const left = async () => (await keyOfSecrets()).find(({ key }) => key === 'k1')?.n ?? 0;
  while ((await left()) > 2900) await delay(20);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const between = await left();
  expect(between).toBeGreaterThan(0);

  const interrupted = begun('rotate --batch-size 1');
  while ((await left()) >= between) await delay(20);
  interrupted.child.kill('SIGTERM');
  expect(await interrupted.ended).toBe(143);
  expect(interrupted.output()).toMatch(/ended with \d+ values left; start it again to go on/);
  expect(await left()).toBeGreaterThan(0);

  for (const program of programs.splice(0)) {
    program.child.kill('SIGTERM');
    await program.ended;
  }
  const rotated = await keys('rotate');
  expect([rotated.code, rotated.output]).toEqual([0, expect.stringContaining('with spring')]);
  await started();
  expect(await keyOfSecrets()).toEqual([{ key: 'spring', n: 3000 }]);
}, 300_000);

describe('what cannot be done is told', () => {
  test('values whose key is not configured', async () => {
    const served = await started();
    await addSecrets(3);
    const other = `k5:${Buffer.alloc(32, 5).toString('base64')}`;
    const status = await keys('status', { PORTOLAN_MASTER_KEYS: other });
    expect([status.code, status.output]).toEqual([1, expect.stringContaining('sealed with k1, which is not configured')]);
    const rotated = await keys('rotate', { PORTOLAN_MASTER_KEYS: other });
    expect([rotated.code, rotated.output]).toEqual([
      1,
      expect.stringMatching(/not configured: k1 \(\d+ values\)\. Nothing was changed/),
    ]);
    expect(await keyOfSecrets()).toEqual([{ key: 'k1', n: 3 }]);
    expect((await login(served.url)).status).toBe(200);
  }, 300_000);

  test.each([
    ['status', {}, 1, /holds no installation/],
    ['add', {}, 1, /keeps no keys: start Portolan first/],
    ['add', { PORTOLAN_MASTER_KEYS: 'k1:x' }, 1, /come from PORTOLAN_MASTER_KEYS/],
    ['remove k1', { PORTOLAN_MASTER_KEYS: 'k1:x' }, 1, /come from PORTOLAN_MASTER_KEYS/],
    ['rotate --batch-size 0', {}, 2, /integer from 1 to 10000/],
  ])('%s %j', async (command, settings, code, message) => {
    const answer = await keys(command, settings);
    expect([answer.code, answer.output]).toEqual([code, expect.stringMatching(message)]);
  });
});
