import { loginOf, token, unique, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const address = () => `${unique('ada')}@example.com`;
const password = 'canary-s3cret';
const create = (body: object, more: object = {}) => portolan.call('createUser', { body, ...more });

describe('201', () => {
  test('the user signs in; the password is kept as argon2id and shown nowhere', async () => {
    const email = address();
    const answer = await create({ email, password, name: 'Ada', role: 'operator' });
    expect(answer.status).toBe(201);
    expect(answer.body.user).toEqual({
      id: expect.any(String),
      email,
      name: 'Ada',
      role: 'operator',
      disabled: false,
      lastActiveAt: null,
      createdAt: expect.any(String),
      updatedAt: answer.body.user.createdAt,
    });
    const { id } = answer.body.user;
    expect(answer.headers.location).toBe(`/api/users/${id}`);
    const read = await portolan.send('GET', String(answer.headers.location));
    expect([read.body.user, read.headers.etag]).toEqual([answer.body.user, answer.headers.etag]);
    await loginOf(portolan, { email }, password);
    const [row] = await portolan.sql('select password_hash from users where id = $1', [id]);
    expect(row.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test('a viewer without a name, unless told otherwise', async () => {
    expect((await create({ email: address(), password })).body.user).toMatchObject({ name: null, role: 'viewer', disabled: false });
    expect((await create({ email: address(), password, name: null })).body.user.name).toBeNull();
  });

  test.each(['Ada.Lovelace+ops@Example.COM', 'ädä@exämple.com', 'root@localhost', "o'neil@example.com"])('%s is kept as it was given', async (given) => {
    const email = `${unique('x')}${given}`;
    expect((await create({ email, password })).body.user.email).toBe(email);
  });

  test.each([
    ['8 characters', 'ä'.repeat(8)],
    ['128 characters', 'x'.repeat(128)],
    ['spaces at its ends', '  pass word  '],
  ])('a password of %s works', async (_, text) => {
    const email = address();
    expect((await create({ email, password: text })).status).toBe(201);
    await loginOf(portolan, { email }, text);
  });

  test('the audit row tells who was made, and no password', async () => {
    const email = address();
    const { user: made } = (await create({ email, password, role: 'admin' })).body;
    const [row] = await portolan.sql('select * from audit_logs where resource_id = $1', [made.id]);
    expect(row).toMatchObject({ action: 'create', resource_type: 'user', resource_name: email });
    expect(row.details).toEqual({ changed: ['email', 'password', 'role'], after: { email, name: null, role: 'admin' } });
    expect(JSON.stringify(await portolan.sql('select * from audit_logs'))).not.toContain('canary');
  });

  test('an Idempotency-Key makes one user, in whatever order the members come', async () => {
    const body = { email: address(), password };
    const headers = { 'idempotency-key': unique('key') };
    const first = await create(body, { headers });
    const again = await create({ password, email: body.email }, { headers });
    expect([again.status, again.headers['idempotent-replayed'], again.text]).toEqual([201, 'true', first.text]);
    const other = await create({ ...body, password: 'another-s3cret' }, { headers });
    expect([other.status, other.body.code]).toEqual([409, 'IDEMPOTENCY_KEY_REUSED']);
  });

  test('what is kept of two equal bodies differs, so that it is no help in guessing the password', async () => {
    const body = { email: address(), password };
    for (const key of [unique('key'), unique('key')]) {
      const answer = await create(body, { headers: { 'idempotency-key': key } });
      await portolan.call('deleteUser', { path: { id: answer.body.user.id } });
    }
    const kept = await portolan.sql('select encode(body_hash, $1) as hash from idempotency_keys order by expires_at desc limit 2', ['hex']);
    expect(new Set(kept.map(({ hash }) => hash)).size).toBe(2);
  });
});

describe('400', () => {
  test.each([
    [{ email: undefined }, 'email', 'required'],
    [{ password: undefined }, 'password', 'required'],
    [{ email: 'ada' }, 'email', 'format'],
    [{ email: 'ada@' }, 'email', 'format'],
    [{ email: 'a@b@c' }, 'email', 'format'],
    [{ email: 'a b@c' }, 'email', 'format'],
    [{ email: ' a@b' }, 'email', 'format'],
    [{ email: `${'x'.repeat(320)}@b` }, 'email', 'maxLength'],
    [{ password: 'x'.repeat(7) }, 'password', 'minLength'],
    [{ password: 'x'.repeat(129) }, 'password', 'maxLength'],
    [{ password: null }, 'password', 'type'],
    [{ name: '' }, 'name', 'minLength'],
    [{ name: 'x'.repeat(256) }, 'name', 'maxLength'],
    [{ name: 'a\tb' }, 'name', 'pattern'],
    [{ role: 'owner' }, 'role', 'enum'],
    [{ role: null }, 'role', 'type'],
    [{ passwort: 'x' }, 'passwort', 'unknown_member'],
  ])('%#: %s', async (change, field, code) => {
    const answer = await create({ email: address(), password, ...change });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });

  test('an address is told as such', async () => {
    expect((await create({ email: 'ada', password })).body.message).toBe('Must be an email.');
  });
});

describe('403', () => {
  test.each([
    ['an operator', { role: 'operator' }, 'FORBIDDEN_ROLE', { requiredRole: 'admin' }],
    ['a token without the scope', { scopes: ['tokens:manage'] }, 'FORBIDDEN_SCOPE', { requiredScope: 'users:manage' }],
    ['a token for some environments', { environments: [] }, 'FORBIDDEN_SCOPE', { reason: 'environment_limited' }],
  ] as [string, object, string, object][])('for %s', async (_, wishes, code, details) => {
    const answer = await create({ email: address(), password }, { token: (await token(portolan, wishes)).token });
    expect([answer.status, answer.body.code, answer.body.details]).toEqual([403, code, details]);
  });
});

describe('409', () => {
  test('when the address is taken, in any letter case', async () => {
    const taken = await user(portolan, { email: address() });
    for (const email of [taken.email, taken.email.toUpperCase()]) {
      const answer = await create({ email, password });
      expect([answer.status, answer.body.code, answer.body.field]).toEqual([409, 'CONFLICT', 'email']);
      expect(answer.body.details).toEqual({ conflictsWith: { type: 'user', id: taken.id } });
    }
  });

  test('for all but one of those who race', async () => {
    const email = address();
    const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => create({ email: n % 2 ? email : email.toUpperCase(), password })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    for (const { status, body } of answers) if (status === 409) expect(body.field).toBe('email');
  });
});

describe('422', () => {
  test.each([
    ['disabled', 'A new user is enabled; updateUser changes that.'],
    ['lastActiveAt', 'Leave it out; Portolan sets it.'],
    ['id', 'Leave it out; Portolan sets it.'],
  ])('%s is read-only', async (member, hint) => {
    const answer = await create({ email: address(), password, [member]: true });
    expect([answer.status, answer.body.code, answer.body.field, answer.body.hint]).toEqual([422, 'READONLY_FIELD', member, hint]);
  });
});
