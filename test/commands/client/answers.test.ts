import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Home, portolanCli, type Recorder, recorderBefore, type Typed } from '../../support/commandLine';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

/** What a command prints where, and the code that it ends with. */

let portolan: Portolan;
let recorder: Recorder;
let admin: string;
let env: Record<string, string>;
const home = new Home();
beforeAll(async () => {
  portolan = await startPortolan();
  admin = (await token(portolan)).token;
  recorder = await recorderBefore(portolan.url);
  env = { PORTOLAN_URL: recorder.url, PORTOLAN_TOKEN: admin, HOME: home.folder };
});
afterAll(async () => {
  await recorder.close();
  await portolan.close();
  home.close();
});
beforeEach(() => {
  recorder.requests.length = 0;
  recorder.instead.length = 0;
});

const portolanWith = (argv: string[], typed: Typed = {}) => portolanCli(argv, { env, ...typed });
const failed = (code: number, words: RegExp) => ({ code, stdout: '', stderr: expect.stringMatching(words) });
const refusing = (status: number, body: object = { code: 'X', message: 'No.' }, headers?: Record<string, string>) =>
  recorder.instead.push({ status, body, ...(headers ? { headers } : {}) });
const paths = () => recorder.requests.map(({ method, path }) => `${method} ${path}`);

/** An address where nothing listens any more. */
async function closedUrl(): Promise<string> {
  const gone = await recorderBefore(portolan.url);
  await gone.close();
  return gone.url;
}

async function registries(count: number): Promise<{ name: string; envId: string }> {
  const name = unique('env');
  const envId = await environment(portolan, name);
  for (let at = 0; at < count; at++) {
    const body = { name: `r${String(at).padStart(2, '0')}`, type: 'generic', registryUrl: 'ghcr.io', username: 'ci' };
    await portolan.call('createRegistry', { path: { envId }, body });
  }
  return { name, envId };
}

describe('exit codes', () => {
  test('0 when it is done', async () => {
    const ran = await portolanWith(['environments', 'list']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
  });

  test.each([
    ['an unknown group', ['registres', 'list'], /Did you mean registries/],
    ['an unknown verb', ['registries', 'lst'], /Did you mean list/],
    ['an unknown flag', ['environments', 'list', '--al'], /--all/],
    ['no environment', ['registries', 'list'], /--env/],
    ['a missing argument', ['registries', 'get'], /registry/],
    ['one argument too many', ['registries', 'get', 'a', 'b'], /too many/],
    ['a missing member', ['environments', 'create'], /Missing: --name/],
    ['a number that is none', ['environments', 'list', '--limit', 'x'], /--limit must be a whole number/],
    ['a choice that is none', ['users', 'update', 'x', '--role', 'boss'], /--role must be one of admin, operator, viewer/],
    ['a body that is no JSON', ['environments', 'create', '--body', '{'], /--body is no JSON/],
    ['a file that is not there', ['environments', 'create', '--body', '@/nowhere'], /cannot be read \(ENOENT\)/],
    ['a query that is none', ['environments', 'list', '--query', '[[['], /--query/],
    ['a name without its environment', ['registries', 'get', 'ghcr'], /--env NAME/],
    ['a step in the path', ['cf-jobs', 'get', '..'], /cannot be/],
  ])('2 for %s', async (_name, argv, words) => {
    const ran = await portolanWith(argv);
    expect(ran).toEqual(failed(2, words));
    expect(ran.stderr).not.toMatch(/\n\s+at /);
  });

  test('3 without a credential, and nothing is sent', async () => {
    const ran = await portolanWith(['environments', 'list'], { env: { PORTOLAN_URL: recorder.url, HOME: home.folder } });
    expect(ran).toEqual(failed(3, /Not signed in.*portolan login/s));
    expect(paths()).toEqual([]);
  });

  test('3 for a credential that is refused', async () => {
    expect(await portolanWith(['environments', 'list'], { env: { ...env, PORTOLAN_TOKEN: 'ptl_pat_x' } })).toEqual(
      failed(3, /401/),
    );
  });

  test('4 when the role does not allow it', async () => {
    const viewer = (await token(portolan, { role: 'viewer' })).token;
    const ran = await portolanWith(['environments', 'create', '--name', 'x'], { env: { ...env, PORTOLAN_TOKEN: viewer } });
    expect(ran).toEqual(failed(4, /403 FORBIDDEN_ROLE/));
  });

  test('5 for an id and for a name that is nowhere', async () => {
    const { name } = await registries(0);
    expect(await portolanWith(['registries', 'get', '01920000-0000-7000-8000-000000000000'])).toEqual(failed(5, /404 NOT_FOUND/));
    expect(await portolanWith(['registries', 'get', 'nobody', '--env', name])).toEqual(failed(5, /no registry called "nobody"/));
    expect(await portolanWith(['registries', 'list', '--env', 'nowhere'])).toEqual(failed(5, /no environment called "nowhere"/));
  });

  test('6 when the name is taken, and when --if-match does not match', async () => {
    const { name } = await registries(0);
    const taken = await portolanWith(['environments', 'create', '--name', name]);
    expect(taken).toEqual(failed(6, /409 CONFLICT\)\n {2}field: name\n(.*\n)*.*request id: req_/));
    const stale = await portolanWith(['environments', 'update', name, '--display-name', 'x', '--if-match', '"99.0"']);
    expect(stale).toEqual(failed(6, /412/));
  });

  test('7 when the service refuses what was sent, told member by member', async () => {
    const body = home.file('{"name":"","zz":1}');
    const ran = await portolanWith(['environments', 'create', '--body', body]);
    expect(ran).toEqual(failed(7, /400 VALIDATION_ERROR/));
    expect(ran.stderr).toMatch(/ {2}field: name\n/);
    expect(ran.stderr).toMatch(/ {2}also: zz: /);
    expect(await portolanWith(['environments', 'create', '--body', home.file('{"id":"x"}')])).toEqual(
      failed(7, /422 READONLY_FIELD/),
    );
  });

  test.each([
    [8, 429],
    [9, 500],
    [9, 502],
    [9, 503],
    [7, 413],
    [7, 415],
    [1, 302],
  ])('%i for %i', async (code, status) => {
    for (let tries = 0; tries < 4; tries++) refusing(status);
    expect(await portolanWith(['environments', 'list'])).toEqual(failed(code, new RegExp(String(status))));
  });

  test('9 when nothing listens', async () => {
    const ran = await portolanWith(['environments', 'list', '--url', await closedUrl()], {
      env: { PORTOLAN_TOKEN: 'x', HOME: home.folder },
    });
    expect(ran).toEqual(failed(9, /cannot be reached: nothing listens there/));
  });

  test('9 when no answer comes in time', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const variables = { PORTOLAN_URL: url, PORTOLAN_TOKEN: 'x', HOME: home.folder };
    const ran = await portolanWith(['environments', 'list', '--timeout', '0.2'], { env: variables, timing: { tries: 2 } });
    expect(ran).toEqual(failed(9, /does not answer in time/));
    silent.close();
  });

  test('are all in the help and in the documentation', async () => {
    const { stdout } = await portolanWith(['--help']);
    const told = [...stdout.matchAll(/^ {2}(\d) {2}(.*)$/gm)].map(([, code, meaning]) => [code, meaning]);
    expect(told.map(([code]) => code)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    const docs = readFileSync(join(__dirname, '../../../docs/cli.md'), 'utf8');
    for (const [code, meaning] of told)
      expect(docs).toMatch(new RegExp(`^\\| +\`${code}\` +\\| ${meaning?.replace(/[().-]/g, '.')} *\\|$`, 'm'));
  });
});

describe('trying again', () => {
  test('waits as long as the service says', async () => {
    refusing(429, undefined, { 'retry-after': '1' });
    const ran = await portolanWith(['environments', 'list']);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(/answers 429\. Trying again in 1 s\./);
  });

  test('repeats a write with the same key, also after a cut connection', async () => {
    recorder.instead.push('cut');
    refusing(503);
    const ran = await portolanWith(['environments', 'create', '--name', unique('env')]);
    expect(ran.code).toBe(0);
    const keys = recorder.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  test('repeats no write without a key, unless it was refused by a limit', async () => {
    const create = ['cf-apps', 'create', '--name', 'x', '--space', '01920000-0000-7000-8000-000000000000'];
    refusing(503, { errors: [{ code: 1, title: 'CF-Down', detail: 'It is away.' }] });
    expect(await portolanWith(create)).toEqual(failed(9, /It is away\. \(503 CF-Down\)/));
    expect(paths()).toHaveLength(1);
    refusing(429);
    expect((await portolanWith(create)).code).toBe(7);
    expect(paths()).toHaveLength(3);
  });

  test('waits for no longer than a minute', async () => {
    refusing(429, undefined, { 'retry-after': '3600' });
    expect((await portolanWith(['environments', 'list'])).code).toBe(8);
    expect(paths()).toHaveLength(1);
  });
});

describe('lists', () => {
  test('are tables, and tell that there is more', async () => {
    const { name } = await registries(3);
    const ran = await portolanWith(['registries', 'list', '--env', name, '--limit', '2']);
    const [head, ...rows] = ran.stdout.trimEnd().split('\n');
    expect(head).toMatch(/^NAME +TYPE +REGISTRY URL .* ID$/);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(/^r00 +generic +ghcr\.io +ci /);
    expect(ran.stderr).toBe('2 of 3; --all shows all.\n');
  });

  test('are paged to the end', async () => {
    const { name } = await registries(5);
    const ran = await portolanWith(['registries', 'list', '--env', name, '--limit', '2', '--sort', '-name', '--all', '--json']);
    const { registries: all, total, nextCursor } = JSON.parse(ran.stdout);
    expect(all.map((one: { name: string }) => one.name)).toEqual(['r04', 'r03', 'r02', 'r01', 'r00']);
    expect([total, nextCursor]).toEqual([5, null]);
    expect(recorder.requests.filter(({ path }) => path.endsWith('/registries'))).toHaveLength(3);
  });

  test('of /v3 are paged to the end, at the address that was asked', async () => {
    const { name, envId } = await registries(0);
    for (const app of ['a', 'b', 'c']) {
      const body = { name: app, relationships: { space: { data: { guid: envId } } } };
      await portolan.send('POST', '/v3/apps', { body });
    }
    // The links name the service's own address, and this one passes for a proxy before it.
    const ran = await portolanWith(['cf-apps', 'list', '--env', name, '--per-page', '1', '--all', '--query', 'resources[].name']);
    expect(ran.stdout.split('\n').filter(Boolean).sort()).toEqual(['a', 'b', 'c']);
    expect(recorder.requests.filter(({ path }) => path === '/v3/apps').map(({ query }) => query)).toHaveLength(3);
  });

  test('take filters as flags', async () => {
    const { name } = await registries(3);
    const query = ['--query', 'registries[].name'];
    const ran = await portolanWith(['registries', 'list', '--env', name, '--name', 'r01', '--name', 'r02', ...query]);
    expect(ran.stdout).toBe('r01\nr02\n');
  });

  test('fit the terminal, and keep ids whole', async () => {
    const { name } = await registries(2);
    const ran = await portolanWith(['registries', 'list', '--env', name], { columns: 100 });
    const lines = ran.stdout.trimEnd().split('\n');
    for (const line of lines) expect([...withoutColour(line)].length).toBeLessThanOrEqual(100);
    expect(lines[1]).toMatch(/ [0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(lines.join()).toContain('…');
  });

  test('show the members that are asked for', async () => {
    const { name } = await registries(1);
    const ran = await portolanWith(['registries', 'list', '--env', name, '--columns', 'name,_count.containerImages']);
    expect(ran.stdout).toBe('NAME  COUNT.CONTAINER IMAGES\nr00   0\n');
  });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
const withoutColour = (text: string) => text.replace(/\u001b\[\d+m/g, '');

describe('colours', () => {
  const list = ['environments', 'list'];
  test('are for terminals', async () => {
    expect((await portolanWith(list, { columns: 200 })).stdout).toContain('\u001b[1m');
    expect((await portolanWith(list)).stdout).not.toContain('\u001b');
  });

  test('stay away with NO_COLOR', async () => {
    expect((await portolanWith(list, { columns: 200, env: { ...env, NO_COLOR: '1' } })).stdout).not.toContain('\u001b');
  });
});

describe('objects', () => {
  test('are shown member by member, found by their names', async () => {
    const { name } = await registries(1);
    const ran = await portolanWith(['registries', 'get', 'r00', '--env', name]);
    expect(ran.stdout).toMatch(/^name +r00$/m);
    expect(ran.stdout).toMatch(/^repositoryPrefix +-$/m);
    expect(ran.stdout).toMatch(/^_count\.containerImages +0$/m);
  });

  test('are printed as the service sent them with --json', async () => {
    const { name, envId } = await registries(0);
    const ran = await portolanWith(['envs', 'get', name, '--json']);
    const { text } = await portolan.call('getEnvironment', { path: { id: envId } });
    expect(ran.stdout).toBe(`${text}\n`);
  });

  test('are changed by flags: set, cleared, left alone', async () => {
    const { name } = await registries(1);
    const update = (...flags: string[]) =>
      portolanWith(['registries', 'update', 'r00', '--env', name, '--query', 'registry', '--json', ...flags]);
    const set = JSON.parse(
      (await update('--is-default', '--auto-link-pattern', 'acme/*', '--refresh-interval-minutes', '15')).stdout,
    );
    expect(set).toMatchObject({ isDefault: true, autoLinkPattern: 'acme/*', refreshIntervalMinutes: 15, username: 'ci' });
    const cleared = JSON.parse((await update('--no-is-default', '--clear', 'auto-link-pattern')).stdout);
    expect(cleared).toMatchObject({ isDefault: false, autoLinkPattern: null, username: 'ci' });
  });

  test('take a body from the standard input, flags over it', async () => {
    const { name } = await registries(0);
    const stdin = JSON.stringify({ name: 'from-body', type: 'generic', registryUrl: 'ghcr.io' });
    const argv = ['registries', 'create', '--env', name, '--body', '-', '--name', 'from-flag', '--query', 'registry.name'];
    expect(await portolanWith(argv, { stdin })).toMatchObject({ code: 0, stdout: 'from-flag\n' });
  });

  test('that are deleted leave nothing to print', async () => {
    const { name } = await registries(1);
    expect(await portolanWith(['registries', 'delete', 'r00', '--env', name])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('whose name is there twice are asked for by id', async () => {
    for (let at = 0; at < 2; at++) {
      const envId = await environment(portolan);
      await portolan.send('POST', '/v3/apps', { body: { name: 'twice', relationships: { space: { data: { guid: envId } } } } });
    }
    expect(await portolanWith(['cf-apps', 'get', 'twice'])).toEqual(failed(2, /2 objects are called "twice".*--env/));
  });

  test('cannot steer the terminal', async () => {
    const display = 'red \u001b[31m';
    refusing(200, { environments: [{ name: 'x', displayName: display }], total: 1, nextCursor: null });
    expect((await portolanWith(['environments', 'list'])).stdout).not.toContain('\u001b');
    refusing(409, { code: 'CONFLICT', message: display });
    expect((await portolanWith(['environments', 'list'])).stderr).not.toContain('\u001b');
  });
});

describe('a text', () => {
  test('is written to a file or to the standard output', async () => {
    const file = join(home.folder, 'contract.yaml');
    expect(await portolanWith(['system', 'get-openapi-yaml', '--output', file])).toEqual({ code: 0, stdout: '', stderr: '' });
    const printed = await portolanWith(['system', 'get-openapi-yaml']);
    expect(printed.stdout).toMatch(/^openapi: 3\.1/);
    expect(readFileSync(file, 'utf8')).toBe(printed.stdout);
  });

  test('that is known is not sent again', async () => {
    const { headers } = await portolan.call('getOpenApiYaml');
    const ran = await portolanWith(['system', 'get-openapi-yaml', '--if-none-match', String(headers.etag)]);
    expect(ran).toEqual({ code: 0, stdout: '', stderr: 'Not changed.\n' });
  });
});

describe('--wait', () => {
  const begun = { operation: { id: '01920000-0000-7000-8000-00000000d001', kind: 'registry.checkUpdates', state: 'queued' } };
  const state = (more: object) => ({ operation: { ...begun.operation, ...more } });
  const check = ['registries', 'check-updates', '01920000-0000-7000-8000-00000000b001', '--wait'];
  const accepted = () => refusing(202, begun, { location: `/api/operations/${begun.operation.id}` });

  test('asks until the operation has ended, and shows it', async () => {
    accepted();
    refusing(200, state({ state: 'running', progress: { done: 1, total: 3 } }), { 'retry-after': '1' });
    refusing(200, state({ state: 'succeeded' }));
    const ran = await portolanWith([...check, '--json'], { columns: 100 });
    expect(JSON.parse(ran.stdout).operation.state).toBe('succeeded');
    expect(ran.stderr).toBe('registry.checkUpdates: running 1 of 3\nregistry.checkUpdates: succeeded\n');
    expect(paths()).toEqual([
      'POST /api/registries/01920000-0000-7000-8000-00000000b001/check-updates',
      `GET /api/operations/${begun.operation.id}`,
      `GET /api/operations/${begun.operation.id}`,
    ]);
  });

  test('ends with 1 when it failed, and says why', async () => {
    accepted();
    refusing(200, state({ state: 'failed', error: { message: 'The registry is away.', hint: 'Wait.' } }));
    expect(await portolanWith(check)).toEqual(failed(1, /The registry is away\.\n {2}hint: Wait\./));
  });

  test('follows the jobs of /v3', async () => {
    refusing(202, {}, { location: 'http://elsewhere.example/v3/jobs/j1' });
    refusing(200, { guid: 'j1', operation: 'app.delete', state: 'PROCESSING' });
    refusing(200, { guid: 'j1', operation: 'app.delete', state: 'COMPLETE' });
    const ran = await portolanWith(['cf-apps', 'delete', '01920000-0000-7000-8000-00000000e001', '--wait', '--query', 'state']);
    expect(ran).toMatchObject({ code: 0, stdout: 'COMPLETE\n' });
    expect(paths().slice(1)).toEqual(['GET /v3/jobs/j1', 'GET /v3/jobs/j1']);
  });
});

describe('secrets', () => {
  const create = (name: string) => [
    'registries',
    'create',
    '--env',
    name,
    '--name',
    'r',
    '--type',
    'generic',
    '--registry-url',
    'ghcr.io',
    '--username',
    'ci',
  ];

  test('are taken from no argument', async () => {
    const { name } = await registries(0);
    expect(await portolanWith([...create(name), '--password', 'geheim'])).toEqual(
      failed(2, /--password is a secret: give it as @file/),
    );
    expect(await portolanWith([...create(name), '--body', '{"password":"geheim"}'])).toEqual(
      failed(2, /--body can hold secrets/),
    );
    expect(paths().filter((path) => path.startsWith('POST'))).toEqual([]);
  });

  test('are read from a file without its line end, from the standard input, and from the person', async () => {
    const { name } = await registries(0);
    const arrived = async (typed: Typed, value: string) => {
      await portolanWith([...create(name), '--password', value], typed);
      const { body } = recorder.requests[recorder.requests.length - 1] as Recorder['requests'][number];
      return JSON.parse(body.toString()).password;
    };
    expect(await arrived({}, home.file('geheim\n'))).toBe('geheim');
    expect(await arrived({}, home.file('zwei\nZeilen\n'))).toBe('zwei\nZeilen\n');
    expect(await arrived({ stdin: 'geheim\n' }, '-')).toBe('geheim');
    expect(await arrived({ keys: 'gehx\u007feim\r' }, '-')).toBe('geheim');
  });

  test('that are typed are not shown', async () => {
    const { name } = await registries(0);
    const ran = await portolanWith([...create(name), '--password', '-'], { keys: 'geheim\r', columns: 80 });
    expect([ran.code, ran.stderr]).toEqual([0, 'password: \n']);
  });

  test('do not both come from the standard input', async () => {
    const { name } = await registries(0);
    expect(await portolanWith([...create(name), '--password', '-', '--token', '-'], { stdin: 'x' })).toEqual(failed(2, /both/));
  });
});
