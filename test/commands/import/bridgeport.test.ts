import { PassThrough, Writable } from 'node:stream';
import { newProgram, tellFailure } from '../../../src/commands/client/program';
import { addImport } from '../../../src/commands/importBridgeport';
import { blob, catalogue, type StandIn, startStandIn } from '../../support/bridgeport/standIn';
import { Home, recorderBefore } from '../../support/commandLine';
import { token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

/** What comes over from a BridgePort, and what the person is told of the rest. */

let standIn: StandIn;
let portolan: Portolan;
const home = new Home();
const services: Portolan[] = [];
beforeEach(async () => {
  standIn = await startStandIn();
  portolan = await another();
});
afterEach(async () => {
  await standIn.close();
  await Promise.all(services.splice(0).map((one) => one.close()));
});
afterAll(() => home.close());

async function another(variables: Record<string, string> = {}): Promise<Portolan> {
  const made = await startPortolan(variables);
  services.push(made);
  return made;
}

class Written extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

async function run(
  argv: string[],
  more: { env?: Record<string, string>; stdin?: string; to?: Portolan; tries?: number } = {},
): Promise<Ran> {
  const to = more.to ?? portolan;
  const [stdout, stderr] = [new Written(), new Written()];
  const env = {
    HOME: home.folder,
    PORTOLAN_URL: to.url,
    PORTOLAN_TOKEN: to.adminToken,
    BRIDGEPORT_TOKEN: standIn.token,
    ...more.env,
  };
  const terminal = { env, stdin: Object.assign(new PassThrough(), {}), stdout, stderr };
  terminal.stdin.end(more.stdin ?? '');
  const program = newProgram(terminal);
  let code = 0;
  const patience = { timeoutMs: 20_000, tries: more.tries ?? 3, firstDelayMs: 5 };
  addImport(program, { terminal, version: '0', patience }, (ended) => {
    code = ended;
  });
  await program.parseAsync(['import', 'bridgeport', ...argv], { from: 'user' }).catch((error: unknown) => {
    code = tellFailure(terminal, error);
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

const source = () => ['--url', standIn.url];
const json = (ran: Ran) => JSON.parse(ran.stdout);
/** How many objects had which outcome. */
const counted = (ran: Ran): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { outcome } of json(ran).objects) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};

const lists = {
  registries: 'registries',
  'container-images': 'images',
  servers: 'servers',
  vars: 'vars',
  'config-fragments': 'fragments',
  'config-files': 'configFiles',
  services: 'services',
};

/** Everything in an environment, without what differs between installations. */
async function everything(of: Portolan, name = 'prod'): Promise<any> {
  const { environments } = (await of.send('GET', '/api/environments')).body;
  const { id, displayName } = environments.find((one: any) => one.name === name);
  const all: any = { displayName };
  for (const [path, member] of Object.entries(lists)) {
    const { body } = await of.send('GET', `/api/environments/${id}/${path}`, { query: { limit: 1000 } });
    all[member] = body[member];
  }
  for (const file of all.configFiles) {
    const path = `/api/config-files/${file.id}`;
    const answer = await of.send('GET', file.isBinary ? `${path}/content` : path);
    file.content = file.isBinary ? answer.text : answer.body.configFile.content;
  }
  for (const service of all.services) {
    const { files } = (await of.send('GET', `/api/services/${service.id}/files`)).body;
    service.files = files.map(({ targetPath, kind, configFile }: any) => [configFile.name, kind, targetPath]).sort();
  }
  return all;
}
const named = (all: any[], name: string) => all.find((one) => one.name === name);

const left = [
  ['environment', 'a/b', /refuses/],
  ['registry', 'ocean', /token/],
  ['image', 'registry.digitalocean.com/acme/x', /its registry was not copied/],
  ['server', 'broken', /tags is "\[1", which is no list/],
  ['var', 'lower', /refuses/],
  ['secret', 'TOKEN', /value is not handed out/],
  ['secret', 'HIDDEN', /never revealed/],
  ['config file', 'lost', /content/],
  ['placement', 'shop as shop', /its server was not copied/],
  ['attachment', 'shop:/etc/lost.bin', /its config file was not copied/],
] as const;

test('everything that can be copied is there, and the rest is told with its reason', async () => {
  const ran = await run([...source(), '--json']);
  expect([ran.code, ran.stderr.includes('prod: 3 servers')]).toEqual([0, true]);
  for (const [kind, name, reason] of left) {
    expect(json(ran).objects).toContainEqual(
      expect.objectContaining({ outcome: 'left', kind, name, reason: expect.stringMatching(reason) }),
    );
  }
  expect(counted(ran)).toEqual({ created: 17, left: left.length });
  expect(
    json(ran)
      .notes.map(({ kind, name }: any) => [kind, name])
      .sort(),
  ).toEqual([
    ['registry', 'ghcr'],
    ['registry', 'ocean'],
    ['server', 'web-2'],
    ['service', 'plain'],
    ['service', 'plain'],
  ]);

  const all = await everything(portolan);
  expect(all.displayName).toBe('Production');
  expect(named(all.registries, 'ghcr')).toMatchObject({
    username: 'ci',
    isDefault: true,
    refreshIntervalMinutes: 15,
    autoLinkPattern: 'acme/*',
  });
  expect(named(all.images, 'Shop')).toMatchObject({
    imageName: 'ghcr.io/acme/shop',
    tagFilter: 'semver:^2',
    autoUpdate: true,
    registryConnectionId: named(all.registries, 'ghcr').id,
  });
  expect(named(all.servers, 'web-1')).toMatchObject({
    hostname: '10.0.0.5',
    publicIp: '203.0.113.5',
    tags: ['b', 'a'],
    dockerMode: 'ssh',
  });
  expect(named(all.servers, 'web-2')).toMatchObject({ publicIp: null, tags: [] });
  expect(all.vars).toMatchObject([{ key: 'GREETING', value: 'hello\n"world"', description: 'said first' }]);
  const app = named(all.configFiles, 'app');
  expect(app).toMatchObject({ content: 'a ${GREETING}\n', language: 'nginx', autoResync: false });
  expect(app.includedFragments.map((one: any) => one.fragment.name)).toEqual(['tail', 'head']);
  expect(named(all.configFiles, 'blob')).toMatchObject({
    isBinary: true,
    fileSize: blob.length,
    mimeType: 'application/octet-stream',
  });
  const shop = named(all.services, 'shop');
  expect(shop).toMatchObject({
    ...{
      imageTag: '2.4.0',
      baseEnv: { A: '1' },
      deployStrategy: 'parallel',
      healthCheckUrl: 'http://localhost/health',
      healthRetries: 2,
    },
    serviceType: { name: 'django' },
    serviceDeployments: [{ containerName: 'shop', envOverrides: { B: '2' }, server: { name: 'web-1' } }],
    files: [
      ['app', 'base', '/etc/app.conf'],
      ['app', 'override', '/etc/other.conf'],
    ],
  });
  expect(named(all.services, 'plain')).toMatchObject({ baseEnv: {}, serviceType: null, serviceDeployments: [] });
});

test('repeated, nothing is made twice, and what differs is changed', async () => {
  await run(source());
  const before = await everything(portolan);
  const again = await run([...source(), '--json']);
  expect(counted(again)).toEqual({ unchanged: 17, left: left.length });
  expect(await everything(portolan)).toEqual(before);

  const answers = catalogue() as any;
  answers['/api/environments/env1/servers'].servers[0].tags = '["c"]';
  answers['/api/config-files/file1'].configFile.content = 'new';
  answers['/api/services/svc1'].service.serviceDeployments[0].envOverrides = null;
  standIn.answers = answers;
  const kept = await run([...source(), '--json', '--no-update']);
  expect(counted(kept)).toEqual({ unchanged: 14, kept: 3, left: left.length });
  expect(await everything(portolan)).toEqual(before);
  expect(counted(await run([...source(), '--json']))).toEqual({ unchanged: 14, updated: 3, left: left.length });
  const all = await everything(portolan);
  expect(named(all.servers, 'web-1').tags).toEqual(['c']);
  expect(named(all.configFiles, 'app').content).toBe('new');
  expect(named(all.services, 'shop').serviceDeployments[0].envOverrides).toEqual({});
});

test('--dry-run writes nothing and tells the same', async () => {
  const recorder = await recorderBefore(portolan.url);
  const ran = await run([...source(), '--dry-run', '--json', '--to-url', recorder.url, '--to-token', portolan.adminToken]);
  await recorder.close();
  expect(ran.code).toBe(0);
  expect(json(ran).dryRun).toBe(true);
  expect([...new Set(recorder.requests.map(({ method }) => method))]).toEqual(['GET']);
  // What only Portolan can judge is not known before it is asked.
  expect(counted(ran).created).toBeGreaterThanOrEqual(17);
  expect(ran.stdout).toContain('"kind":"placement","name":"shop as shop"');
});

test('--environment copies that one; an unknown one ends it', async () => {
  const ran = await run([...source(), '--environment', 'empty', '--json']);
  expect(json(ran).objects).toEqual([{ outcome: 'created', environment: 'empty', kind: 'environment', name: 'empty' }]);
  expect(await run([...source(), '--environment', 'nowhere'])).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/has no environment nowhere[\s\S]*prod, empty/),
  });
});

test('cut off in the middle it tells what is done, and goes on when repeated', async () => {
  standIn.patience = 9;
  const cut = await run([...source(), '--json']);
  expect([cut.code, cut.stderr]).toEqual([9, expect.stringMatching(/cannot be reached|was cut/)]);
  const { created = 0 } = counted(cut);
  expect(created).toBeGreaterThan(1);
  standIn.patience = Number.POSITIVE_INFINITY;
  const ran = await run([...source(), '--json']);
  expect(ran.code).toBe(0);
  expect(counted(ran)).toEqual({ created: 17 - created, unchanged: created, left: left.length });
});

test('a connection that is cut once is tried again, also while something is made', async () => {
  const recorder = await recorderBefore(portolan.url);
  const later = setInterval(() => {
    if (recorder.requests.some(({ method }) => method === 'POST') && recorder.instead.length === 0) {
      recorder.instead.push('cut');
      clearInterval(later);
    }
  }, 1);
  const ran = await run([...source(), '--json', '--to-url', recorder.url, '--to-token', portolan.adminToken]);
  clearInterval(later);
  await recorder.close();
  expect([ran.code, counted(ran).created]).toEqual([0, 17]);
});

test('what fails makes the end one, and the rest goes on', async () => {
  await run(source());
  const { id } = named((await everything(portolan)).servers, 'web-1');
  const recorder = await recorderBefore(portolan.url);
  const { token: reader } = await token(portolan, { role: 'viewer' });
  (standIn.answers as any)['/api/environments/env1/servers'].servers[0].tags = '["c"]';
  const ran = await run([...source(), '--to-url', recorder.url, '--to-token', reader]);
  await recorder.close();
  expect(ran.code).toBe(1);
  expect(ran.stdout).toMatch(/Failed:\n[\s\S]*\n {2}prod: server web-1 - .*operator/);
  expect((await portolan.call('getServer', { path: { id } })).body.server.tags).toEqual(['b', 'a']);
});

test('a wrong or missing token is told before anything is done', async () => {
  const wrong = await run(source(), { env: { BRIDGEPORT_TOKEN: 'x' } });
  expect([wrong.code, wrong.stdout]).toEqual([3, '']);
  const none = await run(source(), { env: { BRIDGEPORT_TOKEN: '' } });
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('--token-stdin')]);
  const stdin = await run([...source(), '--token-stdin', '--dry-run'], {
    env: { BRIDGEPORT_TOKEN: '' },
    stdin: `${standIn.token}\n`,
  });
  expect(stdin.code).toBe(0);
});

test('the report for people has no secret and no token in it', async () => {
  const ran = await run(source());
  expect(ran.stdout).toMatch(/^17 created, 10 not copied\.\n\nNot copied:\n/);
  expect(ran.stdout).toMatch(/To do by hand:\n {2}prod: registry ghcr - set its password/);
  expect(ran.stdout + ran.stderr).not.toContain(standIn.token);
});

test('from a Portolan in compatibility mode another one becomes the same', async () => {
  const middle = await another({ PORTOLAN_COMPAT: 'bridgeport' });
  await run(source(), { to: middle });
  const from = ['--url', middle.url, '--environment', 'prod', '--json'];
  const ran = await run(from, { env: { BRIDGEPORT_TOKEN: middle.adminToken } });
  expect([ran.code, counted(ran)]).toEqual([0, { created: 16 }]);
  expect(counted(await run(from, { env: { BRIDGEPORT_TOKEN: middle.adminToken } }))).toEqual({ unchanged: 16 });
  // And back, where nothing is to be done: its answers are read as text there, too.
  const back = await run(['--url', portolan.url, '--environment', 'prod', '--json'], {
    to: middle,
    env: { BRIDGEPORT_TOKEN: portolan.adminToken },
  });
  expect(counted(back)).toEqual({ unchanged: 16 });
});

test('a list that the source does not know is told, and the rest is copied', async () => {
  delete (standIn.answers as any)['/api/environments/env2/config-fragments'];
  const ran = await run([...source(), '--environment', 'empty', '--json']);
  expect([ran.code, json(ran).notes]).toEqual([
    0,
    [{ environment: 'empty', kind: 'list', name: 'config-fragments', reason: 'the source does not have this list' }],
  ]);
});

test('a list that hands out pages is read to its end, whether or not it knows cursors', async () => {
  const many = Array.from({ length: 30 }, (_, i) => ({ id: `v${i}`, key: `K${i}`, value: `${i}` }));
  const recorder = await recorderBefore(standIn.url);
  (standIn.answers as any)['/api/environments/env2/vars'] = { vars: many, total: 31 };
  const ran = await run(['--url', recorder.url, '--environment', 'empty', '--json']);
  await recorder.close();
  expect(counted(ran)).toEqual({ created: 31 });
  expect(json(ran).notes).toEqual([
    {
      environment: 'empty',
      kind: 'list',
      name: 'vars',
      reason: 'the source handed out 30 objects only, and says that it has more',
    },
  ]);
});
