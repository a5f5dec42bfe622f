import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Home, portolanCli, type Recorder, recorderBefore, type Typed } from '../../support/commandLine';
import { adminEmail, adminPassword } from '../../support/config';
import { token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

/** Signing in, and where the token may go. */

let portolan: Portolan;
let recorder: Recorder;
let other: Recorder;
beforeAll(async () => {
  portolan = await startPortolan();
  recorder = await recorderBefore(portolan.url);
  other = await recorderBefore(portolan.url);
});
afterAll(async () => {
  await Promise.all([recorder.close(), other.close()]);
  await portolan.close();
});

let home: Home;
let env: Record<string, string>;
beforeEach(() => {
  home = new Home();
  env = { XDG_CONFIG_HOME: join(home.folder, 'config') };
  recorder.requests.length = 0;
  other.requests.length = 0;
});
afterEach(() => home.close());

const cli = (argv: string[], typed: Typed = {}) => portolanCli(argv, { env, ...typed });
const file = () => join(home.folder, 'config', 'portolan', 'credentials.json');
const stored = () => JSON.parse(readFileSync(file(), 'utf8'));
const bearers = ({ requests }: Recorder) => requests.map(({ headers }) => headers.authorization);
const signIn = (url = recorder.url) =>
  cli(['login', '--url', url, '--email', adminEmail, '--password-stdin'], { stdin: `${adminPassword}\n` });

describe('login', () => {
  test('keeps the token where only its owner reads it, by the address', async () => {
    const ran = await signIn();
    expect(ran).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining(`Signed in to ${recorder.url} as ${adminEmail}`),
    });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(file(), '..')).mode & 0o777).toBe(0o700);
    const { current, logins } = stored();
    expect([current, Object.keys(logins)]).toEqual([recorder.url, [recorder.url]]);
    expect(ran.stderr).not.toContain(logins[recorder.url].token);
    expect(readFileSync(file(), 'utf8')).not.toContain(adminPassword);
    expect(await cli(['whoami'])).toMatchObject({ code: 0, stdout: `${adminEmail}, admin, at ${recorder.url}\n` });
  });

  test('makes an open folder of its own closed', async () => {
    mkdirSync(join(file(), '..'), { recursive: true, mode: 0o755 });
    await signIn();
    expect(statSync(join(file(), '..')).mode & 0o777).toBe(0o700);
  });

  test('asks in a terminal, and shows no password', async () => {
    const ran = await cli(['login', '--url', recorder.url], { keys: `${adminEmail}\r${adminPassword}\r`, columns: 80 });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain(`E-mail: ${adminEmail}`);
    expect(ran.stderr + ran.stdout).not.toContain(adminPassword);
  });

  test('takes an API token', async () => {
    const api = await token(portolan);
    expect((await cli(['login', '--url', recorder.url, '--token-stdin'], { stdin: `${api.token}\n` })).code).toBe(0);
    expect(stored().logins[recorder.url].token).toBe(api.token);
  });

  test('keeps nothing when it is refused', async () => {
    const wrong = await cli(['login', '--url', recorder.url, '--email', adminEmail, '--password-stdin'], { stdin: 'wrong' });
    expect(wrong).toMatchObject({ code: 3, stderr: expect.stringContaining('401') });
    const bad = await cli(['login', '--url', recorder.url, '--token-stdin'], { stdin: 'ptl_pat_x' });
    expect([bad.code, existsSync(file())]).toEqual([3, false]);
  });

  test.each([
    ['nobody can be asked', ['--email', adminEmail]],
    ['nobody is named', ['--password-stdin']],
    ['there are two ways', ['--password-stdin', '--token-stdin']],
    ['a token has an owner already', ['--token-stdin', '--email', adminEmail]],
    ['the address is none', ['--token-stdin', '--url', 'here']],
    ['the address holds a password', ['--token-stdin', '--url', 'http://a:b@127.0.0.1:3000']],
  ])('says what is wrong when %s', async (_name, argv) => {
    const ran = await cli(['login', ...argv], { stdin: 'x' });
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(/^portolan: /);
  });
});

describe('the file of credentials', () => {
  test.each([0o644, 0o640, 0o604, 0o620])('is refused with mode %i', async (mode) => {
    await signIn();
    chmodSync(file(), mode);
    const ran = await cli(['environments', 'list']);
    expect(ran).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/can be read or written by others.*\n.*chmod 600/),
    });
  });

  test('that is damaged is told, and left as it is', async () => {
    mkdirSync(join(file(), '..'), { recursive: true });
    writeFileSync(file(), '{', { mode: 0o600 });
    expect(await cli(['environments', 'list'])).toMatchObject({ code: 1, stderr: expect.stringContaining('is damaged') });
    expect(readFileSync(file(), 'utf8')).toBe('{');
  });

  test('is not needed with PORTOLAN_URL and PORTOLAN_TOKEN, which go before it', async () => {
    await signIn(other.url);
    const api = await token(portolan);
    const variables = { ...env, PORTOLAN_URL: recorder.url, PORTOLAN_TOKEN: api.token };
    other.requests.length = 0;
    expect((await cli(['environments', 'list'], { env: variables })).code).toBe(0);
    expect([bearers(recorder), bearers(other)]).toEqual([[`Bearer ${api.token}`], []]);
  });
});

describe('a token', () => {
  test('is sent to no other address than the one it was stored for', async () => {
    await signIn();
    recorder.requests.length = 0;
    expect((await cli(['environments', 'list', '--url', other.url])).code).toBe(3);
    expect((await cli(['environments', 'list'], { env: { ...env, PORTOLAN_URL: other.url } })).code).toBe(3);
    expect((await cli(['environments', 'list', '--url', recorder.url.replace('127.0.0.1', 'localhost')])).code).toBe(3);
    expect(other.requests).toEqual([]);
  });

  test('of PORTOLAN_TOKEN is for PORTOLAN_URL', async () => {
    const variables = { ...env, PORTOLAN_URL: recorder.url, PORTOLAN_TOKEN: portolan.adminToken };
    expect((await cli(['environments', 'list', '--url', other.url], { env: variables })).code).toBe(3);
    expect(other.requests).toEqual([]);
  });

  test('does not follow a redirect', async () => {
    await signIn();
    recorder.instead.push({ status: 307, headers: { location: `${other.url}/api/environments` } });
    expect((await cli(['environments', 'list'])).code).toBe(1);
    expect(other.requests).toEqual([]);
  });

  test('does not follow links of an answer', async () => {
    await signIn();
    const page = (next: string | null) => ({
      pagination: { total_results: 2, next: next && { href: next } },
      resources: [{ name: 'a', guid: 'x' }],
    });
    recorder.instead.push(
      { status: 200, body: page(`${other.url}/v3/apps?page=2&per_page=1`) },
      { status: 200, body: page(null) },
    );
    recorder.requests.length = 0;
    expect((await cli(['cf-apps', 'list', '--all'])).code).toBe(0);
    expect(recorder.requests.map(({ path, query }) => `${path}?${query}`)).toEqual([
      '/v3/apps?per_page=1000',
      '/v3/apps?page=2&per_page=1',
    ]);
    expect(other.requests).toEqual([]);
  });
});

describe('logout', () => {
  test('ends the login and forgets its token', async () => {
    await signIn();
    const bearer = `Bearer ${stored().logins[recorder.url].token}`;
    expect(await cli(['logout'])).toMatchObject({ code: 0, stdout: '' });
    expect(stored()).toEqual({ current: null, logins: {} });
    const answer = await portolan.send('GET', '/api/auth/me', { token: null, headers: { authorization: bearer } });
    expect(answer.status).toBe(401);
    expect((await cli(['logout', '--url', recorder.url])).code).toBe(3);
  });

  test('leaves other addresses alone', async () => {
    await signIn(other.url);
    await signIn();
    await cli(['logout']);
    expect(Object.keys(stored().logins)).toEqual([other.url]);
  });
});
