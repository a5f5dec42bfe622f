import { serviceAccount, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const name = () => unique('account');
const create = (body: object, more: object = {}) => portolan.call('createServiceAccount', { body, ...more });

describe('201', () => {
  test('with all members', async () => {
    const body = { name: name(), description: ' Deploys.\nFrom CI. ', role: 'operator' };
    const answer = await create(body);
    expect(answer.status).toBe(201);
    const { serviceAccount: made } = answer.body;
    const [admin] = await portolan.sql("select id, email, name from users where role = 'admin'");
    expect(made).toEqual({
      ...body,
      id: expect.any(String),
      disabled: false,
      createdBy: admin,
      tokenCount: 0,
      createdAt: expect.any(String),
      updatedAt: made.createdAt,
    });
    expect(answer.headers.location).toBe(`/api/admin/service-accounts/${made.id}`);
    const read = await portolan.send('GET', String(answer.headers.location));
    expect([read.body.serviceAccount, read.headers.etag]).toEqual([made, answer.headers.etag]);
  });

  test.each([[undefined], [null], ['']])('a viewer without description, when it is %j', async (description) => {
    expect((await create({ name: name(), description })).body.serviceAccount).toMatchObject({ description: null, role: 'viewer' });
  });

  test.each(['a', '0', 'a_b-c', `a${'x'.repeat(63)}`])('the name %s', async (given) => {
    expect((await create({ name: given })).body.serviceAccount.name).toBe(given);
  });

  test('made by a service account, it was created by nobody', async () => {
    const maker = await serviceAccount(portolan, { role: 'admin' });
    const bearer = (await token(portolan, { ownerServiceAccountId: maker.id })).token;
    const answer = await create({ name: name() }, { token: bearer });
    expect(answer.body.serviceAccount.createdBy).toBeNull();
    const [row] = await portolan.sql('select * from audit_logs where resource_id = $1', [answer.body.serviceAccount.id]);
    expect(row).toMatchObject({ user_id: null, service_account_id: maker.id });
  });

  test('the audit row tells what was made', async () => {
    const body = { name: name(), role: 'admin' };
    const { id } = (await create(body)).body.serviceAccount;
    const [row] = await portolan.sql('select * from audit_logs where resource_id = $1', [id]);
    expect(row).toMatchObject({ action: 'create', resource_type: 'service_account', resource_name: body.name });
    expect(row.details).toEqual({ changed: ['name', 'role'], after: { ...body, description: null } });
  });

  test('an Idempotency-Key makes one', async () => {
    const body = { name: name() };
    const headers = { 'idempotency-key': unique('key') };
    const first = await create(body, { headers });
    const again = await create(body, { headers });
    expect([again.status, again.headers['idempotent-replayed'], again.text]).toEqual([201, 'true', first.text]);
  });
});

describe('400', () => {
  test.each([
    [{}, 'name', 'required'],
    [{ name: '' }, 'name', 'minLength'],
    [{ name: 'x'.repeat(65) }, 'name', 'maxLength'],
    [{ name: 'Deployer' }, 'name', 'pattern'],
    [{ name: '-deployer' }, 'name', 'pattern'],
    [{ name: 'deployer\n' }, 'name', 'pattern'],
    [{ name: 'a.b' }, 'name', 'pattern'],
    [{ name: 'a', description: 'x'.repeat(501) }, 'description', 'maxLength'],
    [{ name: 'a', role: 'owner' }, 'role', 'enum'],
    [{ name: 'a', role: null }, 'role', 'type'],
    [{ name: 'a', desciption: 'x' }, 'desciption', 'unknown_member'],
  ])('%j', async (body, field, code) => {
    const answer = await create(body);
    expect(answer.status).toBe(400);
    expect(answer.body.details).toContainEqual(expect.objectContaining({ field, code }));
  });
});

describe('403', () => {
  test.each([
    [{ scopes: ['users:manage'] }, { requiredScope: 'tokens:manage' }],
    [{ role: 'operator' }, { requiredRole: 'admin' }],
    [{ environments: [] }, { reason: 'environment_limited' }],
  ] as [object, object][])('for a token with %j', async (wishes, details) => {
    const answer = await create({ name: name() }, { token: (await token(portolan, wishes)).token });
    expect([answer.status, answer.body.details]).toEqual([403, details]);
  });
});

describe('409', () => {
  test('when the name is taken', async () => {
    const taken = await serviceAccount(portolan);
    const answer = await create({ name: taken.name });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([409, 'CONFLICT', 'name']);
    expect(answer.body.details).toEqual({ conflictsWith: { type: 'service_account', id: taken.id } });
  });

  test('for all but one of those who race', async () => {
    const body = { name: name() };
    const answers = await Promise.all(Array.from({ length: 6 }, () => create(body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    for (const answer of answers) if (answer.status === 409) expect(answer.body.field).toBe('name');
  });
});

describe('422', () => {
  test.each([
    ['disabled', 'A new service account is enabled; updateServiceAccount changes that.'],
    ['createdBy', 'Leave it out; Portolan sets it.'],
    ['tokenCount', 'Leave it out; Portolan sets it.'],
  ])('%s is read-only', async (member, hint) => {
    const answer = await create({ name: name(), [member]: null });
    expect([answer.status, answer.body.code, answer.body.field, answer.body.hint]).toEqual([422, 'READONLY_FIELD', member, hint]);
  });
});
