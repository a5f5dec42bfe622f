import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openRaw, type RawAnswer, rawRequest, sendRaw } from '../support/rawHttp';
import { build, endAll, inDatabase, newFolder, type Program, postmasterPid, run, type Served, serve } from './program';

/** How the program starts, stops, and says what is wrong. */

const password = 'correct horse battery staple';
const key = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
const folders: string[] = [];
const programs: Program[] = [];
const folder = () => {
  const made = newFolder();
  folders.push(made);
  return made;
};
const started = async (where: string, settings: Record<string, string> = {}): Promise<Served> => {
  const service = await serve(where, settings);
  programs.push(service);
  return service;
};
beforeAll(build, 60_000);
afterAll(() => endAll(programs, folders), 60_000);

/** Runs to the end of a start that fails. */
async function failing(settings: Record<string, string>): Promise<string> {
  const program = run('serve', { PORT: '0', METRICS_PORT: 'off', LOG_LEVEL: 'warn', PORTOLAN_DATA: folder(), ...settings });
  programs.push(program);
  expect(await program.ended).toBe(1);
  // Words, not a stack.
  expect(program.output()).not.toMatch(/\n\s+at /);
  return program.output();
}

const post = (url: string, path: string, body: object, headers: string[] = []): Promise<RawAnswer> =>
  sendRaw(url, { method: 'POST', path, headers, body: JSON.stringify(body) });

/** The folder of the first start; once its service is stopped the other tests start on it too, which takes less than a new one. */
const where = folder();
/** The first administrator's password. */
let secret: string;
const signIn = (url: string) => post(url, '/api/auth/login', { email: 'admin@portolan.local', password: secret });

describe('the first start', () => {
  let service: Served;
  beforeAll(async () => {
    service = await started(where);
    secret = /Password: (\S+)/.exec(service.output())?.[1] as string;
  }, 60_000);
  afterAll(async () => {
    service.child.kill('SIGTERM');
    await service.ended;
  }, 30_000);

  test('shows a password that works, and the next start does not show it', async () => {
    expect((await signIn(service.url)).status).toBe(200);
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    const again = await started(where);
    expect(again.output()).not.toContain('Password');
    expect((await signIn(again.url)).status).toBe(200);
    expect(again.output()).not.toContain(secret);
    service = again;
  }, 60_000);

  test('keeps its keys where only their owner reads them', async () => {
    expect(statSync(join(where, 'keys.json')).mode & 0o777).toBe(0o600);
    expect(statSync(where).mode & 0o777).toBe(0o700);
    const files = ['portolan.lock', 'postgres.log'].map((name) => statSync(join(where, name)).mode & 0o077);
    expect(files).toEqual([0, 0]);
  });

  test('stores neither key nor password in the database in clear', async () => {
    const { masterKeys } = JSON.parse(readFileSync(join(where, 'keys.json'), 'utf8'));
    const rows = await inDatabase<object>(where, 'select private_key_sealed, public_jwk from signing_keys');
    const users = await inDatabase<{ password_hash: string }>(where, 'select password_hash from users');
    expect(JSON.stringify(rows)).not.toMatch(/BEGIN|"d":/);
    expect(JSON.stringify(rows)).not.toContain(masterKeys.slice(3));
    expect(users[0]?.password_hash).toMatch(/^\$argon2id\$/);
  });

  const root = process.getuid?.() === 0 ? test : test.skip;
  root('as root runs Postgres as somebody else', () => {
    const status = readFileSync(`/proc/${postmasterPid(where)}/status`, 'utf8');
    const uidMap = readFileSync(`/proc/${postmasterPid(where)}/uid_map`, 'utf8')
      .trim()
      .split(/\s+/);
    // Another user, or root of no more than a namespace of its own.
    expect(Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]) !== 0 || uidMap[2] !== '4294967295').toBe(true);
  });

  test('a second one on the same folder says who is there, and harms nobody', async () => {
    const output = await failing({ PORTOLAN_DATA: where });
    expect(output).toContain('Portolan already runs on this data folder');
    expect(output).toContain(`process ${service.child.pid}`);
    expect(output).toContain(service.url);
    expect((await sendRaw(service.url, { path: '/ready' })).status).toBe(200);
  }, 30_000);
});

describe('ADMIN_PASSWORD', () => {
  test('is taken and never shown', async () => {
    const service = await started(folder(), { ADMIN_PASSWORD: password, ADMIN_EMAIL: 'root@example.com', LOG_LEVEL: 'trace' });
    expect((await post(service.url, '/api/auth/login', { email: 'root@example.com', password })).status).toBe(200);
    expect(service.output()).not.toContain(password);
    expect(service.output()).toContain('as set in ADMIN_PASSWORD');
  }, 60_000);
});

describe('SIGTERM', () => {
  test('lets a running request finish, refuses new ones, and ends within 10 s; a second start finds everything', async () => {
    const service = await started(where);
    const authorization = `Authorization: Bearer ${(await signIn(service.url)).body.token}`;
    const [environment] = await inDatabase<{ id: string }>(where, 'select id from environments limit 1');
    const body = JSON.stringify({ name: 'late', type: 'generic', registryUrl: 'ghcr.io' });
    const bytes = rawRequest({
      method: 'POST',
      path: `/api/environments/${environment?.id}/registries`,
      headers: [authorization],
      body,
    });

    const running = openRaw(service.url);
    running.write(bytes.subarray(0, -10));
    const idle = openRaw(service.url);
    idle.write(rawRequest({ path: '/health' }));
    await idle.next();
    const began = Date.now();
    service.child.kill('SIGTERM');
    await idle.closed;
    await delay(500);
    const late = openRaw(service.url);
    late.write(rawRequest({ path: '/health' }));
    expect(await late.next()).toBeUndefined();
    running.write(bytes.subarray(-10));
    const answer = await running.next();
    expect([answer?.status, answer?.headers.connection]).toEqual([201, 'close']);
    expect(await service.ended).toBe(0);
    expect(Date.now() - began).toBeLessThan(10_000);

    const again = await started(where);
    const read = await sendRaw(again.url, { path: answer?.headers.location as string, headers: [authorization] });
    expect([read.status, read.body.registry.name]).toEqual([200, 'late']);
    again.child.kill('SIGTERM');
    await again.ended;
  }, 60_000);

  test('cuts a request that does not end in SHUTDOWN_GRACE_MS', async () => {
    const service = await started(where, { SHUTDOWN_GRACE_MS: '300' });
    const hanging = openRaw(service.url);
    hanging.write(
      rawRequest({ method: 'POST', path: '/api/auth/login', headers: ['Content-Length: 100', 'Content-Type: application/json'] }),
    );
    await delay(100);
    const began = Date.now();
    service.child.kill('SIGTERM');
    await hanging.closed;
    expect(await service.ended).toBe(0);
    expect(Date.now() - began).toBeLessThan(8000);
  }, 60_000);

  test('a second one ends at once', async () => {
    const service = await started(where);
    const hanging = openRaw(service.url);
    hanging.write(
      rawRequest({ method: 'POST', path: '/api/auth/login', headers: ['Content-Length: 100', 'Content-Type: application/json'] }),
    );
    await delay(100);
    service.child.kill('SIGTERM');
    await delay(200);
    const began = Date.now();
    service.child.kill('SIGTERM');
    expect([143, 'SIGTERM']).toContain(await service.ended);
    expect(Date.now() - began).toBeLessThan(7000);
    hanging.end();
  }, 60_000);
});

describe('a start that cannot be', () => {
  test.each([
    [
      'DATABASE_URL without keys',
      { DATABASE_URL: 'postgres://a:geheim@127.0.0.1:1/portolan' },
      ['PORTOLAN_MASTER_KEYS is missing', 'openssl rand -base64 32'],
    ],
    [
      'a database that is away',
      { DATABASE_URL: 'postgres://a:geheim@127.0.0.1:1/portolan', PORTOLAN_MASTER_KEYS: key },
      ['127.0.0.1:1', 'DATABASE_URL'],
    ],
    ['a key that is too short', { PORTOLAN_MASTER_KEYS: 'k1:Z2VoZWlt' }, ['PORTOLAN_MASTER_KEYS', 'k1', '32']],
    [
      'an unknown PORTOLAN_ variable',
      { PORTOLAN_MASTER_KEY: key },
      ['PORTOLAN_MASTER_KEY is no setting', 'PORTOLAN_MASTER_KEYS'],
    ],
    ['several wrong settings', { PORT: 'x', LOGIN_TTL: 'soon', PUBLIC_URL: 'here' }, ['PORT', 'LOGIN_TTL', 'PUBLIC_URL']],
    ['a host that is elsewhere', { HOST: '192.0.2.1', PORTOLAN_DATA: where }, ['192.0.2.1', 'HOST']],
    ['a folder that cannot be', { PORTOLAN_DATA: '/dev/null/data' }, ['/dev/null/data', 'PORTOLAN_DATA']],
  ])(
    '%s is told in words',
    async (_name, settings, words) => {
      const output = await failing(settings as Record<string, string>);
      for (const word of words) expect(output).toContain(word);
      expect(output).not.toContain('geheim');
      expect(output).not.toContain('Z2VoZWlt');
    },
    30_000,
  );

  test('damaged keys are told, and left as they are', async () => {
    const damaged = folder();
    mkdirSync(damaged, { recursive: true });
    writeFileSync(join(damaged, 'keys.json'), '{"masterKeys": "k1:');
    expect(await failing({ PORTOLAN_DATA: damaged })).toMatch(/keys\.json is damaged.*backup/s);
    expect(readFileSync(join(damaged, 'keys.json'), 'utf8')).toBe('{"masterKeys": "k1:');
  }, 30_000);

  describe('with ports that are taken', () => {
    let taken: Server;
    let port: string;
    beforeAll(async () => {
      taken = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => taken.once('listening', resolve));
      port = String((taken.address() as AddressInfo).port);
    });
    afterAll(() => new Promise((resolve) => taken.close(resolve)));

    test('PORT is told, and no Postgres is left behind', async () => {
      const output = await failing({ PORTOLAN_DATA: where, PORT: port });
      expect(output).toContain(`Port ${port} of 127.0.0.1 is taken by another process. Set PORT to a free one.`);
      expect(() => postmasterPid(where)).toThrow('ENOENT');
    }, 60_000);

    test('METRICS_PORT that was asked for is told', async () => {
      expect(await failing({ PORTOLAN_DATA: where, METRICS_PORT: port })).toContain('Set METRICS_PORT to a free one.');
    }, 60_000);
  });
});

describe('portolan migrate', () => {
  test('brings the schema to its newest form, and does nothing the second time', async () => {
    const fresh = folder();
    const outputs = [];
    for (let i = 0; i < 2; i++) {
      const program = run('migrate', { PORTOLAN_DATA: fresh });
      programs.push(program);
      expect(await program.ended).toBe(0);
      outputs.push(program.output());
    }
    expect(outputs[0]).toMatch(/^Applied: 0001_core/m);
    expect(outputs[1]).toContain('The schema is up to date.');
  }, 60_000);
});
