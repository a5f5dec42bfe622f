import { uuidv7 } from 'uuidv7';
import { adminEmail, adminPassword } from '../../support/config';
import { environment, token, unique } from '../../support/fixtures';
import { describeListRules, readToEnd } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';
import { auditRow } from '../../support/rows';

let portolan: Portolan;
let home: string;
let away: string;
const userId = uuidv7();
const resourceId = uuidv7();
const batchId = uuidv7();
/** Rows of this test: name, columns. Each is older than the one before by an hour, the last two are of one time. */
const rows: [name: string, columns: Record<string, unknown>][] = [
  ['a', { action: 'create', resource_type: 'service', resource_id: resourceId }],
  ['b', { action: 'update', resource_type: 'service', resource_id: resourceId, user_id: userId, user_email: 'ada@example.com' }],
  ['c', { action: 'delete', success: false, error: 'in use' }],
  ['d_1', { action: 'login_failed', resource_type: 'login', success: false }],
  ['d%1', { action: 'check_updates' }],
  ['e', { action: 'check_updates' }],
];

beforeAll(async () => {
  portolan = await startPortolan();
  [home, away] = [await environment(portolan, 'home'), await environment(portolan, 'away')];
  await portolan.sql('delete from audit_logs');
  for (const [index, [name, columns]] of rows.entries()) {
    await auditRow(portolan, {
      resource_name: name,
      batch_id: batchId,
      environment_id: [home, away, null][index % 3],
      created_at: `2026-01-01T${20 - Math.min(index, 4)}:00:00.000Z`,
      ...columns,
    });
  }
});
afterAll(() => portolan.close());

type Query = Record<string, string | number | boolean> | string;
const list = (query: Query = {}, more: object = {}) => portolan.call('listAuditLogs', { query, ...more });
const namesOf = async (query: Query = {}, more: object = {}) => {
  const { body } = await list(query, more);
  expect(body.total).toBe(body.logs.length);
  // Of one time are the last two only, and their order is that of their ids.
  return body.logs.map(({ resourceName }: { resourceName: string }) => resourceName);
};

describeListRules(() => portolan, {
  operationId: 'listAuditLogs',
  member: 'logs',
  sortable: { createdAt: (row) => row.createdAt },
  call: () => ({ query: { to: '2026-01-02T00:00:00Z' } }),
  otherFilter: { action: 'create' },
  otherSort: 'createdAt',
});

describe('200', () => {
  test('newest first', async () => {
    expect(await namesOf()).toEqual(['a', 'b', 'c', 'd_1', 'e', 'd%1']);
    expect(await namesOf({ sort: 'createdAt' })).toEqual(['d%1', 'e', 'd_1', 'c', 'b', 'a']);
  });

  test.each([
    ['environmentId=HOME', ['a', 'd_1']],
    ['environmentId=HOME,AWAY', ['a', 'b', 'd_1', 'd%1']],
    ['environmentId=HOME,HOME', ['a', 'd_1']],
    [`environmentId=${uuidv7()}`, []],
    ['resourceType=service', ['a', 'b']],
    ['resourceType=service,login', ['a', 'b', 'd_1']],
    [`resourceId=${resourceId}`, ['a', 'b']],
    [`resourceId=${resourceId},${uuidv7()}`, ['a', 'b']],
    ['action=create', ['a']],
    ['action=create,delete,nothing', ['a', 'c']],
    [`userId=${userId}`, ['b']],
    [`userId=${userId},${uuidv7()}`, ['b']],
    ['success=false', ['c', 'd_1']],
    ['success=true', ['a', 'b', 'e', 'd%1']],
    ['from=2026-01-01T18:00:00Z', ['a', 'b', 'c']],
    ['to=2026-01-01T18:00:00Z', ['d_1', 'e', 'd%1']],
    ['from=2026-01-01T20:00:00%2B02:00&to=2026-01-01T20:00:00.000Z', ['b', 'c']],
    ['from=2026-01-01T18:00:00Z&to=2026-01-01T18:00:00Z', []],
    ['q=D', ['d_1', 'd%1']],
    ['q=%25', ['d%1']],
    ['environmentId=HOME,AWAY&resourceType=service&action=update', ['b']],
    ['environmentId=AWAY&success=true&from=2026-01-01T00:00:00Z&q=b', ['b']],
  ])('%s', async (query, expected) => {
    expect(await namesOf(query.replaceAll('HOME', home).replaceAll('AWAY', away))).toEqual(expected);
  });

  test('rows of several environments page in one order', async () => {
    const query = { environmentId: `${home},${away}` };
    const found = await readToEnd(portolan, { operationId: 'listAuditLogs', member: 'logs' }, { query: {} });
    const of = (ids: unknown[]) => found.filter(({ environmentId }) => ids.includes(environmentId)).map(({ id }) => id);
    const merged: string[] = [];
    let cursor: string | null = null;
    do {
      const more: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body }: { body: any } = await list(`environmentId=${query.environmentId}&limit=1${more}`);
      expect(body.total).toBe(4);
      merged.push(...body.logs.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(merged).toEqual(of([home, away]));
    const skipped = await list(`environmentId=${query.environmentId}&offset=1&limit=2`);
    expect(skipped.body.logs.map(({ id }: { id: string }) => id)).toEqual(merged.slice(1, 3));
  });

  test('a limited token sees the rows of its environments only, whatever it filters by', async () => {
    const own = await token(portolan, { role: 'viewer', scopes: ['audit:read'], environments: [home] });
    expect(await namesOf({}, { token: own.token })).toEqual(['a', 'd_1']);
    expect(await namesOf({ environmentId: away }, { token: own.token })).toEqual([]);
    expect(await namesOf(`environmentId=${home},${away}`, { token: own.token })).toEqual(['a', 'd_1']);
    expect(await namesOf(`resourceId=${resourceId}`, { token: own.token })).toEqual(['a']);
    const both = await token(portolan, { role: 'viewer', environments: [home, away] });
    expect(await namesOf({}, { token: both.token })).toEqual(['a', 'b', 'd_1', 'd%1']);
    const none = await token(portolan, { role: 'viewer', environments: [] });
    expect(await namesOf({}, { token: none.token })).toEqual([]);
  });

  test('every member', async () => {
    const { logs } = (await list({ userId })).body;
    const [row] = await portolan.sql('select id, request_id from audit_logs where user_id = $1', [userId]);
    expect(logs).toEqual([
      {
        id: row.id,
        action: 'update',
        resourceType: 'service',
        resourceId,
        resourceName: 'b',
        details: null,
        success: true,
        error: null,
        createdAt: '2026-01-01T19:00:00.000Z',
        requestId: row.request_id,
        userId,
        environmentId: away,
        apiTokenId: null,
        serviceAccountId: null,
        batchId,
        user: { id: userId, email: 'ada@example.com', name: null },
        environment: null,
      },
    ]);
  });
});

describe('what a change leaves behind', () => {
  let place: string;
  beforeEach(async () => {
    place = await environment(portolan, unique('env'));
  });
  const createRegistry = (body: object, more: object = {}) =>
    portolan.call('createRegistry', {
      path: { envId: place },
      body: { name: unique('registry'), type: 'generic', registryUrl: 'ghcr.io', ...body },
      ...more,
    });

  test('who, with what, where and what, without secrets', async () => {
    const actor = await token(portolan, { role: 'operator' });
    const answer = await createRegistry({ username: 'ci', password: 'canary-1' }, { token: actor.token });
    const { registry } = answer.body;
    const listed = await list({ resourceId: registry.id });
    const [user] = await portolan.sql('select email from users where id = $1', [actor.userId]);
    const [{ name }] = await portolan.sql('select name from environments where id = $1', [place]);
    expect(listed.body.logs).toMatchObject([
      {
        action: 'create',
        resourceType: 'registry',
        resourceName: registry.name,
        requestId: answer.headers['x-request-id'],
        userId: actor.userId,
        apiTokenId: actor.tokenId,
        serviceAccountId: null,
        user: { id: actor.userId, email: user.email, name: null },
        environment: { id: place, name },
      },
    ]);
    expect(listed.text).not.toContain('canary');
  });

  test('names outlive the user, the environment and the object', async () => {
    const actor = await token(portolan);
    const { registry } = (await createRegistry({}, { token: actor.token })).body;
    const before = (await list({ resourceId: registry.id })).body.logs;
    expect((await portolan.call('deleteEnvironment', { path: { id: place }, query: { cascade: true } })).status).toBe(204);
    await portolan.sql('delete from users where id = $1', [actor.userId]);
    const after = await list({ environmentId: place });
    expect(after.body.logs.map(({ action }: { action: string }) => action)).toEqual(['delete', 'create']);
    expect(after.body.total).toBe(2);
    expect(after.body.logs[1]).toEqual(before[0]);
    expect(after.body.logs[0].environment).toEqual(before[0].environment);
  });

  test('a service account shows as getCurrentPrincipal shows it', async () => {
    const [accountId, name] = [uuidv7(), unique('robot')];
    await portolan.sql("insert into service_accounts (id, name, role) values ($1, $2, 'operator')", [accountId, name]);
    const actor = await token(portolan, { role: 'operator' });
    await portolan.sql('update api_tokens set user_id = null, service_account_id = $1 where id = $2', [accountId, actor.tokenId]);
    const { registry } = (await createRegistry({}, { token: actor.token })).body;
    const [row] = (await list({ resourceId: registry.id })).body.logs;
    expect([row.userId, row.serviceAccountId]).toEqual([null, accountId]);
    const me = (await portolan.call('getCurrentPrincipal', { token: actor.token })).body.user;
    expect(row.user).toEqual({ id: me.id, email: me.email, name: me.name });
    expect(row.user.email).toBe(`${name}@service-account.local`);
  });

  test('a login names the user, a failed one nobody', async () => {
    await portolan.call('login', { body: { email: adminEmail, password: adminPassword } });
    await portolan.call('login', { body: { email: adminEmail, password: 'wrong' } });
    const { logs } = (await list('resourceType=login&limit=2')).body;
    expect(logs.map((row: any) => [row.action, row.success, row.resourceName, row.user?.email ?? null])).toEqual([
      ['login_failed', false, adminEmail, null],
      ['login', true, adminEmail, adminEmail],
    ]);
  });

  test('the total follows writes and removals of rows', async () => {
    const total = async (query = {}) => (await list({ limit: 1, ...query })).body.total;
    const [all, here] = [await total(), await total({ environmentId: place })];
    await createRegistry({});
    await createRegistry({ isDefault: true });
    expect([await total(), await total({ environmentId: place })]).toEqual([all + 2, here + 2]);
    await portolan.sql('delete from audit_logs where environment_id = $1', [place]);
    expect([await total(), await total({ environmentId: place })]).toEqual([all, 0]);
    const [{ n }] = await portolan.sql('select count(*) as n from audit_logs');
    expect(await total()).toBe(n);
  });
});

describe('400', () => {
  test.each([
    ['environmentId=home', 'environmentId[0]', 'format'],
    ['resourceId=x', 'resourceId[0]', 'format'],
    ['userId=x', 'userId[0]', 'format'],
    ['resourceType=registry,regstry', 'resourceType[1]', 'enum'],
    ['success=yes', 'success', 'type'],
    ['from=yesterday', 'from', 'format'],
    ['to=2026-13-01T00:00:00Z', 'to', 'format'],
    ['from=2026-01-01', 'from', 'format'],
    ['from=0000-01-01T00:00:00Z', 'from', 'format'],
    ['to=9999-12-31T23:59:59-01:00', 'to', 'format'],
    ['sort=action', 'sort', 'enum'],
    ['envId=x', 'envId', 'unknown_parameter'],
  ])('%s', async (query, field, code) => {
    const answer = await list(query);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });
});

describe('403', () => {
  test('for a token without audit:read', async () => {
    const other = await token(portolan, { scopes: ['registries:read'] });
    const answer = await list({}, { token: other.token });
    expect([answer.status, answer.body.details]).toEqual([403, { requiredScope: 'audit:read' }]);
  });
});
