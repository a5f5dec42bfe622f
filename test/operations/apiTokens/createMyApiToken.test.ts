import { environment, loginOf, serviceAccount, token, unique, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const good = { name: 'laptop', role: 'viewer', allEnvironments: true, expiresInDays: 30 };
const create = (bearer: string, body: object = good, more: object = {}) =>
  portolan.call('createMyApiToken', { token: bearer, body, ...more });

describe('201', () => {
  test.each(['viewer', 'operator', 'admin'] as const)('a login of a %s makes a token of that role', async (role) => {
    const person = await user(portolan, { role });
    const answer = await create(await loginOf(portolan, person), { ...good, role });
    expect(answer.status).toBe(201);
    expect(answer.body.tokenRecord).toMatchObject({ userId: person.id, serviceAccountId: null, role, scopes: null });
    expect(answer.headers['cache-control']).toBe('no-store');
    const me = await portolan.call('getCurrentPrincipal', { token: answer.body.token });
    expect(me.body).toMatchObject({ role, user: { id: person.id } });
    const read = await portolan.send('GET', String(answer.headers.location), { token: answer.body.token });
    expect(read.body.tokenRecord).toMatchObject({ id: answer.body.tokenRecord.id });
  });

  test('an API token with tokens:manage makes a token for its owner', async () => {
    const account = await serviceAccount(portolan, { role: 'admin' });
    const maker = await token(portolan, { ownerServiceAccountId: account.id, scopes: ['tokens:manage', 'images:read'] });
    const answer = await create(maker.token, { ...good, scopes: ['images:read'] });
    expect(answer.status).toBe(201);
    expect(answer.body.tokenRecord).toMatchObject({ userId: null, serviceAccountId: account.id, scopes: ['images:read'] });
  });

  test('one that is limited to environments makes one for these', async () => {
    const other = await environment(portolan);
    const maker = await token(portolan, { environments: [envId, other] });
    const answer = await create(maker.token, { ...good, allEnvironments: false, environmentIds: [other] });
    expect(answer.status).toBe(201);
    expect(answer.body.tokenRecord.environments.map(({ id }: { id: string }) => id)).toEqual([other]);
  });

  test('an Idempotency-Key makes one token', async () => {
    const bearer = await loginOf(portolan, await user(portolan));
    const body = { ...good, name: unique('token') };
    const headers = { 'idempotency-key': unique('key') };
    const [first, again] = [await create(bearer, body, { headers }), await create(bearer, body, { headers })];
    expect(again.body.token).toBe(first.body.token);
    expect(await portolan.sql('select id from api_tokens where name = $1', [body.name])).toHaveLength(1);
  });

  test('a kept answer goes to another login of the user, but to no API token that may not make tokens', async () => {
    const person = await user(portolan);
    const headers = { 'idempotency-key': unique('key') };
    const first = await create(await loginOf(portolan, person), good, { headers });
    expect((await create(await loginOf(portolan, person), good, { headers })).body.token).toBe(first.body.token);
    const api = await token(portolan, { ownerUserId: person.id, role: 'viewer' });
    expect((await create(api.token, good, { headers })).status).toBe(403);
  });

  test('the audit row names maker and token', async () => {
    const person = await user(portolan);
    const { tokenRecord } = (await create(await loginOf(portolan, person))).body;
    const [row] = await portolan.sql('select * from audit_logs where resource_id = $1', [tokenRecord.id]);
    expect(row).toMatchObject({ action: 'create', operation_id: 'createMyApiToken', resource_type: 'api_token', user_id: person.id });
  });
});

describe('400', () => {
  test.each([
    ['above the own role', { role: 'operator' }, 'role', 'inconsistent'],
    ['with a scope beyond its role', { scopes: ['images:write'] }, 'scopes[0]', 'inconsistent'],
    ['for an owner', { ownerUserId: '01920000-0000-7000-8000-000000000000' }, 'ownerUserId', 'unknown_member'],
    ['for an unknown environment', { allEnvironments: false, environmentIds: ['01920000-0000-7000-8000-000000000000'] }, 'environmentIds[0]', 'unknown_reference'],
    ['without an end', { expiresInDays: undefined }, 'expiresInDays', 'required'],
    ['without a name', { name: undefined }, 'name', 'required'],
  ])('%s', async (_, change, field, code) => {
    const answer = await create(await loginOf(portolan, await user(portolan)), { ...good, ...change });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });
});

describe('403', () => {
  test.each([
    ['a viewer’s', { role: 'viewer' }],
    ['an operator’s', { role: 'operator' }],
    ['an administrator’s with other scopes', { scopes: ['users:manage', 'images:read'] }],
  ] as [string, object][])('%s API token makes none, and hears it before anything about its body', async (_, wishes) => {
    const api = await token(portolan, wishes);
    for (const body of [good, { role: 1 }]) {
      const answer = await create(api.token, body);
      expect([answer.status, answer.body.code, answer.body.details]).toEqual([403, 'FORBIDDEN_SCOPE', { requiredScope: 'tokens:manage' }]);
    }
  });

  test('no token is wider than its maker in scopes', async () => {
    const maker = await token(portolan, { scopes: ['tokens:manage'] });
    for (const scopes of [null, ['images:read'], ['admin:*']]) {
      const answer = await create(maker.token, { ...good, role: 'admin', scopes });
      expect([answer.status, answer.body.code, answer.body.details.reason]).toEqual([403, 'FORBIDDEN_SCOPE', 'wider_than_credential']);
    }
  });

  test('nor in environments; whether one outside exists is not told', async () => {
    const outside = await environment(portolan);
    const maker = await token(portolan, { environments: [envId] });
    const wide = [
      { ...good },
      { ...good, allEnvironments: false, environmentIds: [envId, outside] },
      { ...good, allEnvironments: false, environmentIds: ['01920000-0000-7000-8000-000000000000'] },
    ];
    const answers = await Promise.all(wide.map((body) => create(maker.token, body)));
    for (const answer of answers) expect([answer.status, answer.body.code]).toEqual([403, 'FORBIDDEN_SCOPE']);
    expect(answers[1]?.body.message).toBe(answers[2]?.body.message);
  });
});

describe('422', () => {
  test('names how an owner is set', async () => {
    const answer = await create(portolan.adminToken, { ...good, userId: null });
    expect([answer.status, answer.body.field]).toEqual([422, 'userId']);
    expect(answer.body.hint).toContain('createApiToken');
  });
});
