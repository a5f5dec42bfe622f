import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OperationId } from '../../generated/operations';
import { parseMasterKeys } from '../../src/config/keys';
import { type Canary, canaryOf, found, newCanary, tellFound } from '../support/canaries';
import { adminEmail } from '../support/config';
import { factsOf, operationIds, operationOf } from '../support/contract';
import { type EventStream, openStream } from '../support/eventStream';
import { makeObjects } from '../support/objects';
import type { Portolan } from '../support/portolan';
import { type SecretMember, secretMembers, unmarkedSecrets, withMember } from '../support/secretMembers';
import { answering, build, endAll, inDatabase, newFolder, type Program, run, type Served, serve } from './program';
import { RecordingClient } from './recordingClient';

/**
 * Every secret that the contract takes gets a value that nobody else has. Then everything that comes out of the program is
 * searched for these values: answers, events, metrics, log, database, files, and what is left of a crash.
 */

const members = secretMembers();
const nameOf = ({ operationId, path }: SecretMember) => `${operationId}: ${path.join('.')}`;

/** Nothing listens there, and nobody outside is asked. */
const nowhere = 'http://127.0.0.1:9';
const masterKey = randomBytes(32);
const masterKeys = `k1:${masterKey.toString('base64')}`;
const adminPassword = newCanary();
const settings = {
  PORTOLAN_MASTER_KEYS: masterKeys,
  ADMIN_PASSWORD: adminPassword,
  LOG_LEVEL: 'trace',
  METRICS_PORT: '0',
  RATE_LIMIT_ADDRESS: '1000000',
  RATE_LIMIT_LOGIN_ADDRESS: '1000000',
  RATE_LIMIT_LOGIN_ACCOUNT: '1000000',
  DOCKERHUB_API_URL: nowhere,
  DOCKERHUB_REGISTRY_URL: nowhere,
  DIGITALOCEAN_API_URL: nowhere,
  DIGITALOCEAN_REGISTRY_URL: nowhere,
};

const folder = newFolder();
const reports = mkdtempSync(join(tmpdir(), 'portolan-reports-'));
const started: Program[] = [];
const canaries: Canary[] = [
  canaryOf('PORTOLAN_MASTER_KEYS', masterKey.toString('base64')),
  {
    ...canaryOf('the master key', masterKey.toString('latin1')),
    forms: [masterKey.toString('hex'), masterKey.toString('base64url')],
  },
  canaryOf('ADMIN_PASSWORD', adminPassword),
];
const planted = new Set<string>();
let service: Served;
let client: RecordingClient;
let stream: EventStream;

/** An operation that a crash can be asked of: the program itself has none. */
const crashing = `process.on('SIGUSR1', () => { throw new Error('crash on purpose'); });`;

async function start(): Promise<void> {
  writeFileSync(join(reports, 'crashing.cjs'), crashing);
  const options = `--require=${join(reports, 'crashing.cjs')} --report-uncaught-exception --report-directory=${reports}`;
  service = await serve(folder, { ...settings, NODE_OPTIONS: options });
  started.push(service);
}

/** A value of a member, as its rules want it, and the canary to look for. */
function canaryFor(member: SecretMember): Canary {
  const known: Record<string, () => string> = {
    'login: password': () => adminPassword,
    'changeUserPassword: currentPassword': () => adminPassword,
    'setEnvironmentSsh: sshPrivateKey': () =>
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
  const name = nameOf(member);
  const { family } = factsOf(member.operationId);
  const reveals = (id: string) => {
    const facts = factsOf(id as OperationId);
    return facts?.reveals !== undefined && facts.family === family;
  };
  const canary = canaryOf(name, known[name]?.() ?? newCanary(), reveals);
  canaries.push(canary);
  return canary;
}

/** Bodies of operations whose examples do not fit what is there. */
function fitting(operationId: OperationId, body: unknown): unknown {
  const elsewhere = JSON.parse(JSON.stringify(body ?? {}).replaceAll(/(ghcr|docker)\.io/g, '127.0.0.1:9'));
  if (operationId === 'login') return { email: adminEmail };
  if (operationId === 'updateRegistry') return { ...elsewhere, username: 'ci' };
  return elsewhere;
}

/** Sends an operation with a canary in each of its secret members; then in every way in which it can be refused. */
async function plant(operationId: OperationId): Promise<void> {
  const own = members.filter((member) => member.operationId === operationId);
  const values = own.map((member) => [member, canaryFor(member)] as const);
  const example = fitting(operationId, client.acceptableBody(operationId));
  const body = values.reduce((all, [{ path }, { value }]) => withMember(all, path, value), example);
  const headers = { 'idempotency-key': `canary-${operationId}` };
  const first = await client.ask(operationId, { body, headers });
  if (first.status < 300) for (const member of own) planted.add(nameOf(member));
  else console.warn(`${operationId} was refused: ${first.text}`);

  await client.ask(operationId, { body, headers });
  await client.ask(operationId, { body: { ...(body as object), unknownMember: 1 }, headers });
  await client.ask(operationId, { body, headers: { 'if-match': '"999.0"' } });
  await client.ask(operationId, { body, token: client.viewerToken });
  await client.ask(operationId, { body, token: null });
  await client.ask(operationId, { body, path: client.unknownPath(operationId) });
  await client.ask(operationId, { body, headers: { 'content-type': 'text/plain' } });
  for (const [{ path }, { value }] of values) {
    const text = JSON.stringify(body);
    await client.ask(operationId, { body, token: value.replaceAll('\n', '') });
    await client.ask(operationId, { body: text.slice(0, text.indexOf(JSON.stringify(value).slice(1, -1)) + value.length) });
    const tooLong = (bytes: number) => value.repeat(Math.ceil(bytes / value.length));
    for (const wrong of [[value], { [path.at(-1) as string]: value }, `${value}\u0000`, tooLong(70_000), tooLong(1_100_000)]) {
      await client.ask(operationId, { body: withMember(body, path, wrong) });
    }
  }
}

/** The token service takes secrets that it gave before. */
async function plantGrants(): Promise<void> {
  const grant = async (name: string, form: Record<string, string>, names: string[]) => {
    const answer = await client.form('createOauthToken', { client_id: 'cf', client_secret: '', grant_type: name, ...form });
    if (answer.status === 200) for (const one of names) planted.add(`createOauthToken: ${one}`);
    else console.warn(`${name} was refused: ${answer.text}`);
    await client.form('createOauthToken', { grant_type: 'nothing', ...form });
    return answer.body;
  };
  const { refresh_token } = await grant('password', { username: adminEmail, password: adminPassword }, ['password']);
  await grant('refresh_token', { refresh_token }, ['refresh_token']);
  const { tokenRecord, token } = (await client.ask('createMyApiToken', { body: client.acceptableBody('createMyApiToken') })).body;
  await grant('client_credentials', { client_id: tokenRecord.id, client_secret: token }, ['client_secret']);
  const wrong = newCanary();
  canaries.push(canaryOf('a wrong password', wrong));
  await client.form('createOauthToken', { grant_type: 'password', client_id: 'cf', username: adminEmail, password: wrong });
}

/** What a secret is for: a file, variables and a template that name it, and the previews of them. */
async function useSecret(): Promise<void> {
  const { key } = client.acceptableBody('createSecret') as { key: string };
  const { service = '', environment = '', placement = '' } = client.objects;
  const text = `a=\${${key}}\n`;
  const file = await client.ask('createConfigFile', {
    path: { envId: environment },
    body: { name: 'names-a-secret', filename: 'secret.env', content: text },
  });
  const attached = { configFileId: file.body.configFile?.id, targetPath: '/etc/secret.env' };
  await client.ask('attachServiceFile', { path: { id: service }, body: attached });
  const composeTemplate = `services:\n  \${CONTAINER_NAME}:\n    image: x\n    command: "\${${key}}"\n`;
  await client.ask('updateService', { path: { id: service }, body: { baseEnv: { NAMED: text }, composeTemplate } });
  await client.ask('previewConfigFile', { path: { id: file.body.configFile?.id }, body: {} });
  await client.ask('previewServiceDeployment', { path: { id: service, depId: placement } });
}

const isGet = (id: OperationId) => factsOf(id).method === 'get';
const isStream = (id: OperationId) => Object.keys(operationOf(id).responses['200']?.content ?? {}).includes('text/event-stream');
const reads = operationIds.filter((id) => isGet(id) && !isStream(id) && factsOf(id).listener !== 'metrics');
const withSecrets = [...new Set(members.map(({ operationId }) => operationId))];
const otherWrites = operationIds.filter((id) => !isGet(id) && !withSecrets.includes(id) && id !== 'logout');
const order = ['post', 'put', 'patch', 'delete'];
const byMethod = (a: OperationId, b: OperationId) => order.indexOf(factsOf(a).method) - order.indexOf(factsOf(b).method);

async function readAll(): Promise<void> {
  for (const id of reads) {
    const { headers } = await client.ask(id);
    await client.ask(id, { headers: { 'if-none-match': String(headers.etag ?? '*') } });
  }
  await client.read(`${/metrics +(\S+)/.exec(service.output())?.[1]}`);
}

beforeAll(async () => {
  await build();
  await start();
  client = new RecordingClient(service.url, (canary) => canaries.push(canary));
  const [admin] = await inDatabase<{ id: string }>(folder, 'select id from users');
  const sql = (text: string, values?: unknown[]) => inDatabase(folder, text, values);
  const database = { sql, context: { keyring: parseMasterKeys(masterKeys) } };
  client.objects = await makeObjects(asPortolan(database), { userId: admin?.id as string });
  await client.signIn({ email: adminEmail, password: adminPassword }, admin?.id as string);
  stream = await openStream(asPortolan({ url: service.url }), { token: client.adminToken });

  await plantGrants();
  for (const id of withSecrets.filter((one) => one !== 'createOauthToken' && one !== 'changeUserPassword').sort(byMethod)) {
    await plant(id);
  }
  await useSecret();
  await readAll();
  const changing = otherWrites.filter((id) => factsOf(id).method !== 'delete').sort(byMethod);
  for (const id of changing) await client.ask(id, { body: fitting(id, client.acceptableBody(id)) });
  await readAll();
  for (const id of otherWrites.filter((one) => factsOf(one).method === 'delete').reverse()) await client.ask(id);
  await readAll();
  client.pathOf.set('changeUserPassword', { id: admin?.id as string });
  await plant('changeUserPassword');
}, 600_000);
afterAll(async () => {
  stream?.close();
  await endAll(started, [folder]);
  rmSync(reports, { recursive: true, force: true });
}, 30_000);

/** What these fixtures use of a service in the same process. */
const asPortolan = (part: object): Portolan => part as Portolan;

const searched = (place: string, text: string, except?: (canary: Canary) => boolean): string[] =>
  tellFound(
    place,
    found(canaries, text).filter((canary) => !except?.(canary)),
  );

describe('what is a secret', () => {
  test('every text that sounds like one is marked as write-only', () => {
    expect(unmarkedSecrets()).toEqual([]);
  });

  test('each was taken once', () => {
    expect(members.map(nameOf).filter((name) => !planted.has(name))).toEqual([]);
    expect(planted.size).toBeGreaterThanOrEqual(14);
  });

  test.each(['previewConfigFile', 'previewServiceDeployment'])('%s was asked for a file with one, and masked it', (id) => {
    const previews = client.answers.filter(({ operationId, text }) => operationId === id && text.includes('a=***'));
    expect(previews.map(({ status }) => status)).toContain(200);
  });

  test('what is revealed is found, so what is searched for can be found', () => {
    const shown = client.answers.filter(({ text }) => found(canaries, text).length > 0).map(({ operationId }) => operationId);
    const revealing = operationIds.filter((id) => factsOf(id).reveals !== undefined);
    expect(revealing.filter((id) => !shown.includes(id))).toEqual([]);
  });
});

describe('no secret is', () => {
  test('in an answer, but where the contract says so', () => {
    const wrong = client.answers.flatMap(({ operationId, status, text }) =>
      searched(`${operationId} ${status}`, text, ({ shownBy }) => shownBy(operationId)),
    );
    expect([...new Set(wrong)]).toEqual([]);
    expect(client.answers.length).toBeGreaterThan(500);
  });

  test('on an event stream', () => {
    expect(stream.frames.length).toBeGreaterThan(10);
    expect(searched('the stream', stream.text())).toEqual([]);
  });

  test('in the log, whatever its level', () => {
    expect(service.output()).toContain('"operationId":"createSecret"');
    expect(searched('the log', service.output())).toEqual([]);
  });

  test('in a row of the database; what is sealed looks like it', async () => {
    const tables = await inDatabase<{ name: string }>(
      folder,
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    );
    const wrong: string[] = [];
    for (const { name } of tables) {
      const rows = await inDatabase<{ row: string }>(folder, `select t::text as row from ${name} t`);
      wrong.push(...searched(name, rows.map(({ row }) => row).join('\n')));
    }
    expect(tables.length).toBeGreaterThan(30);
    expect(wrong).toEqual([]);
    const sealed = await inDatabase<{ name: string; column: string }>(
      folder,
      `select table_name as name, column_name as column from information_schema.columns where column_name like '%sealed%'`,
    );
    for (const { name, column } of sealed) {
      const open = await inDatabase(folder, `select 1 from ${name} where ${column}::text !~ '^(\\\\x7631|v1\\.)'`);
      expect([name, column, open]).toEqual([name, column, []]);
    }
  });
});

describe('a crash', () => {
  const signIn = async (url: string) => {
    const password = canaries.find(({ name }) => name === 'changeUserPassword: newPassword')?.value;
    const body = JSON.stringify({ email: adminEmail, password });
    const answer = await fetch(`${url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await answer.text();
    return answer;
  };
  const reported = () => readdirSync(reports).filter((name) => name.endsWith('.json'));

  test('shows no secret, neither in what the process says nor in its report', async () => {
    const { databasePassword } = JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8'));
    canaries.push(canaryOf('the password of the database', databasePassword));
    service.child.kill('SIGUSR1');
    expect(await service.ended).not.toBe(0);
    expect(service.output()).toContain('crash on purpose');
    expect(reported()).toHaveLength(1);
    const report = readFileSync(join(reports, reported()[0] as string), 'utf8');
    expect(report).toContain('"environmentVariables"');
    expect([...searched('the output', service.output()), ...searched('the report', report)]).toEqual([]);
  }, 60_000);

  test.each(['SIGSEGV', 'SIGABRT'] as const)(
    'by %s shows no secret',
    async (signal) => {
      await start();
      expect((await signIn(service.url)).status).toBe(200);
      service.child.kill(signal);
      expect(await service.ended).not.toBe(0);
      expect(searched('the output', service.output())).toEqual([]);
    },
    60_000,
  );

  const cut = `k1:${randomBytes(31).toString('base64')}`;
  const foreign = `k1:${randomBytes(32).toString('base64')}`;
  const elsewhere = `postgres://portolan:${newCanary().replace(/[+/]/g, '')}@127.0.0.1:1/portolan`;
  test.each([
    ['a master key of a wrong length', { PORTOLAN_MASTER_KEYS: cut }, cut.slice(3)],
    ['the master key of another installation', { PORTOLAN_MASTER_KEYS: foreign }, foreign.slice(3)],
    ['a database that is not there', { DATABASE_URL: elsewhere, PORTOLAN_MASTER_KEYS: masterKeys }, elsewhere.slice(20, 44)],
  ])(
    'at the start, from %s, shows no secret',
    async (_what, wrong, secret) => {
      const program = run('serve', { ...settings, PORTOLAN_DATA: folder, PORT: '0', ...wrong });
      started.push(program);
      const url = await answering(program);
      // With another key it starts, and fails at what was sealed before.
      if (url !== undefined) expect((await signIn(url)).status).toBe(500);
      program.child.kill('SIGTERM');
      await program.ended;
      expect(program.output()).toMatch(/portolan: |request failed/);
      expect(program.output()).not.toContain(secret);
      expect(searched('the output', program.output())).toEqual([]);
    },
    60_000,
  );
});

test('no file of the data folder holds a secret, but the one that is there for it', () => {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const wrong = entries.flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    const text = entry.name === 'keys.json' ? '' : readFileSync(file, 'latin1');
    return canaries.filter(({ forms }) => text.includes(forms[0] as string)).map(({ name }) => `${file}: ${name}`);
  });
  expect(entries.length).toBeGreaterThan(100);
  expect(wrong).toEqual([]);
});
