import { auditOf, type Caller, type Callers, callersOf, suspend } from '../../../support/droplets';
import { environment, unique } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';

let portolan: Portolan;
let space: string;
let callers: Callers;

beforeAll(async () => {
  portolan = await startPortolan();
  space = await environment(portolan);
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());

const bodyOf = (members: object = {}) => ({
  name: unique('app'),
  relationships: { space: { data: { guid: space } } },
  ...members,
});
const create = (body: unknown, caller: Caller = 'admin') => portolan.call('createApp', { body, token: callers[caller] });
const problem = ({ status, body }: { status: number; body: any }) => [status, body.errors[0].code];
const detail = ({ body }: { body: any }): string => body.errors[0].detail;

describe('201', () => {
  test.each(['admin', 'developer'] as const)('for the %s: a stopped app without droplet, and no Location', async (caller) => {
    const body = bodyOf();
    const answer = await create(body, caller);
    expect([answer.status, answer.headers.location]).toEqual([201, undefined]);
    expect(answer.body).toMatchObject({
      name: body.name,
      state: 'STOPPED',
      lifecycle: { type: 'docker', data: {} },
      relationships: { space: { data: { guid: space } }, current_droplet: { data: { guid: null } } },
      metadata: { labels: {}, annotations: {} },
    });
    expect(answer.body.updated_at).toBe(answer.body.created_at);
    expect((await portolan.call('getApp', { path: { guid: answer.body.guid } })).body).toEqual(answer.body);
  });

  test('is a service of /api at once: without image, on the channel latest, with its variables', async () => {
    const { body } = await create(bodyOf({ environment_variables: { LOG_LEVEL: 'info' } }));
    const { service } = (await portolan.call('getService', { path: { id: body.guid } })).body;
    expect(service).toMatchObject({
      name: body.name,
      environmentId: space,
      containerImageId: null,
      imageTag: 'latest',
      baseEnv: { LOG_LEVEL: 'info' },
      desiredState: 'stopped',
      serviceDeployments: [],
    });
  });

  test('with labels and annotations, which the list finds it by', async () => {
    const metadata = { labels: { 'example.com/tier': 'web', gone: null }, annotations: { note: 'first' } };
    const { body } = await create(bodyOf({ metadata, lifecycle: { type: 'docker', data: {} } }));
    expect(body.metadata).toEqual({ labels: { 'example.com/tier': 'web' }, annotations: { note: 'first' } });
    const found = await portolan.call('listApps', { query: { label_selector: 'example.com/tier=web' } });
    expect(found.body.resources.map((app: any) => app.guid)).toEqual([body.guid]);
  });

  test('the same name in another space', async () => {
    const body = bodyOf();
    expect((await create(body)).status).toBe(201);
    const other = { space: { data: { guid: await environment(portolan) } } };
    expect((await create({ ...body, relationships: other })).status).toBe(201);
  });

  test('is audited, variables by name only', async () => {
    const metadata = { labels: { tier: 'web' } };
    const { body } = await create(bodyOf({ environment_variables: { SECRET: 'hidden' }, metadata }));
    const [row] = await auditOf(portolan, body.guid);
    expect(row).toMatchObject({
      action: 'create',
      operation_id: 'createApp',
      resource_type: 'service',
      resource_name: body.name,
      environment_id: space,
      details: { cfType: 'audit.app.create', metadata: { labels: ['tier'], annotations: [] } },
    });
    expect(JSON.stringify(row)).not.toContain('hidden');
    const events = await portolan.sql("select data from events where data like '%' || $1 || '%'", [body.guid]);
    expect(events).toHaveLength(1);
  });
});

test.each(['{', '[]', '"text"', 'null'])('400 for the body %s', async (body) => {
  expect(problem(await create(body))).toEqual([400, 1001]);
});

test('401 without a credential', async () => {
  expect(problem(await create(bodyOf(), 'anonymous'))).toEqual([401, 10002]);
});

describe('403', () => {
  test.each(['reader', 'supporter', 'viewer'] as const)('for the %s', async (caller) => {
    expect(problem(await create(bodyOf(), caller))).toEqual([403, 10003]);
  });

  test('while the installation is suspended, but for an admin', async () => {
    await suspend(portolan, true);
    try {
      expect(problem(await create(bodyOf(), 'developer'))).toEqual([403, 10017]);
      expect((await create(bodyOf(), 'admin')).status).toBe(201);
    } finally {
      await suspend(portolan, false);
    }
  });
});

describe('422', () => {
  test.each([
    ['no name', { name: undefined }, "'name'"],
    ['an empty name', { name: '' }, "'name'"],
    ['a name that is no text', { name: 7 }, "'name'"],
    ['a name that is null', { name: null }, "'name'"],
    ['a name of 256 characters', { name: 'x'.repeat(256) }, "'name'"],
    ['a name with a line break', { name: 'a\nb' }, "'name'"],
    ['no space', { relationships: {} }, "'relationships.space'"],
    ['no relationships', { relationships: undefined }, "'relationships'"],
    ['a space that is null', { relationships: { space: { data: null } } }, "'relationships.space.data'"],
    ['a lifecycle of buildpacks', { lifecycle: { type: 'buildpack', data: {} } }, 'docker'],
    ['a lifecycle of cnb', { lifecycle: { type: 'cnb', data: {} } }, 'docker'],
    ['a lifecycle with data', { lifecycle: { type: 'docker', data: { stack: 'x' } } }, 'stack'],
    ['a member that is unknown', { size: 1 }, "'size'"],
    ['a member that clients cannot set', { state: 'STARTED' }, "'state'"],
    ['variables that are no texts', { environment_variables: { A: 1 } }, 'environment_variables'],
    ['a variable whose name cannot be', { environment_variables: { 'a-b': 'c' } }, 'a-b'],
    ['a variable of more than 32 KiB', { environment_variables: { A: 'ü'.repeat(20_000) } }, "'environment_variables.A'"],
    ['a label that cannot be', { metadata: { labels: { 'a b': 'c' } } }, 'a b'],
    ['metadata that is null', { metadata: null }, "'metadata'"],
  ])('%s is named', async (_, members, named) => {
    const answer = await create(bodyOf(members));
    expect(problem(answer)).toEqual([422, 10008]);
    expect(detail(answer)).toContain(named);
  });

  test('all problems in one detail', async () => {
    const answer = await create({ name: '', size: 1, metadata: { labels: { 'a b': 'c' } } });
    for (const named of ["'name'", "'size'", "'relationships'", 'a b']) expect(detail(answer)).toContain(named);
  });

  test.each(['no-uuid', '01920000-0000-7000-8000-000000000000'])('the space %s is not there', async (guid) => {
    const answer = await create(bodyOf({ relationships: { space: { data: { guid } } } }));
    expect(problem(answer)).toEqual([422, 10008]);
    expect(detail(answer)).toContain(`"${guid}"`);
  });

  test('a space outside of what a token reaches is as one that is not there', async () => {
    const answer = await create(bodyOf(), 'outside');
    expect(problem(answer)).toEqual([422, 10008]);
    expect(detail(answer)).toContain(`"${space}"`);
  });

  test('51 labels; nothing is stored', async () => {
    const labels = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key${index}`, 'x']));
    const body = bodyOf({ metadata: { labels } });
    expect(problem(await create(body))).toEqual([422, 390020]);
    expect(await portolan.sql('select from services where name = $1', [body.name])).toEqual([]);
  });

  test('a name that is taken, by an app or a service', async () => {
    const body = bodyOf();
    await create(body);
    const answer = await create(body);
    expect([answer.status, answer.body.errors]).toEqual([
      422,
      [{ code: 10016, title: 'CF-UniquenessError', detail: `App with the name '${body.name}' already exists.` }],
    ]);
  });

  test('of eight at once one has the name, and the others are told so in the same words', async () => {
    const body = bodyOf();
    const answers = await Promise.all(Array.from({ length: 8 }, () => create(body)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 201);
    for (const answer of refused) {
      expect(problem(answer)).toEqual([422, 10016]);
      expect(detail(answer)).toBe(`App with the name '${body.name}' already exists.`);
    }
  });

  test('a space that is deleted at the same time', async () => {
    const doomed = await environment(portolan);
    const client = await portolan.context.database.pool.connect();
    try {
      await client.query('begin');
      await client.query('delete from environments where id = $1', [doomed]);
      const answer = create(bodyOf({ relationships: { space: { data: { guid: doomed } } } }));
      const isWaiting = () =>
        portolan.sql("select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()");
      while ((await isWaiting()).length === 0) await new Promise(setImmediate);
      await client.query('commit');
      expect(problem(await answer)).toEqual([422, 10008]);
      expect(detail(await answer)).toContain(`"${doomed}"`);
    } finally {
      client.release();
    }
  });
});
