import { loginOf, serviceAccount, token, unique, user, userPassword } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const newPassword = 'canary-s3cret';
const change = (id: string, body: unknown, more: object = {}) => portolan.call('changeUserPassword', { path: { id }, body, ...more });
const works = async (bearer: string) => (await portolan.call('getCurrentPrincipal', { token: bearer })).status === 200;
const signIn = async ({ email }: { email: string }, password: string) =>
  (await portolan.call('login', { body: { email, password } })).status;

describe('200', () => {
  test('one’s own: the new password counts, this login stays, all others end at once', async () => {
    const person = await user(portolan);
    const [mine, other, third] = [await loginOf(portolan, person), await loginOf(portolan, person), await loginOf(portolan, person)];
    for (const bearer of [mine, other, third]) expect(await works(bearer)).toBe(true);
    const answer = await change(person.id, { newPassword, currentPassword: userPassword }, { token: mine });
    expect(answer.status).toBe(200);
    expect(answer.body.revokedLogins).toBe(2);
    expect(answer.body.user).toMatchObject({ id: person.id, email: person.email });
    expect(answer.headers.etag).toMatch(/^"2\./);
    expect(await Promise.all([mine, other, third].map(works))).toEqual([true, false, false]);
    expect(await signIn(person, userPassword)).toBe(401);
    expect(await signIn(person, newPassword)).toBe(200);
  });

  test('another one’s, by an administrator without the present password: all logins end, tokens stay', async () => {
    const person = await user(portolan);
    const bearer = await loginOf(portolan, person);
    const api = await token(portolan, { ownerUserId: person.id, role: 'viewer' });
    const answer = await change(person.id, { newPassword });
    expect([answer.status, answer.body.revokedLogins]).toEqual([200, 1]);
    expect([await works(bearer), await works(api.token), await works(portolan.adminToken)]).toEqual([false, true, true]);
    expect(await signIn(person, newPassword)).toBe(200);
  });

  test('one’s own, by an API token: every login ends', async () => {
    const person = await user(portolan);
    await loginOf(portolan, person);
    const api = await token(portolan, { ownerUserId: person.id, role: 'viewer' });
    const answer = await change(person.id, { newPassword, currentPassword: userPassword }, { token: api.token });
    expect(answer.body.revokedLogins).toBe(1);
    expect(await works(api.token)).toBe(true);
  });

  test('logins that had expired are not counted', async () => {
    const person = await user(portolan);
    await loginOf(portolan, person);
    await portolan.sql('update logins set expires_at = now() where user_id = $1', [person.id]);
    expect((await change(person.id, { newPassword })).body.revokedLogins).toBe(0);
    expect(await portolan.sql('select id from logins where user_id = $1', [person.id])).toEqual([]);
  });

  test('name, role and flag stay', async () => {
    const person = await user(portolan, { role: 'operator', name: 'Ada', disabled: true });
    expect((await change(person.id, { newPassword })).body.user).toMatchObject({ role: 'operator', name: 'Ada', disabled: true });
  });

  test('the audit row tells that it was done, and no password', async () => {
    const person = await user(portolan);
    await loginOf(portolan, person);
    await change(person.id, { newPassword });
    const [row] = await portolan.sql("select * from audit_logs where resource_id = $1 and resource_type = 'user'", [person.id]);
    expect(row).toMatchObject({ action: 'change_password', resource_name: person.email });
    expect(row.details).toEqual({ changed: ['password'], revokedLogins: 1 });
    expect(JSON.stringify(await portolan.sql('select * from audit_logs'))).not.toContain('canary');
  });

  test('an Idempotency-Key is acted on once', async () => {
    const person = await user(portolan);
    const headers = { 'idempotency-key': unique('key') };
    const first = await change(person.id, { newPassword }, { headers });
    const bearer = await loginOf(portolan, person, newPassword);
    const again = await change(person.id, { newPassword }, { headers });
    expect([again.headers['idempotent-replayed'], again.text]).toEqual(['true', first.text]);
    expect(await works(bearer)).toBe(true);
  });
});

describe('400', () => {
  test.each([
    [{}, 'newPassword', 'required'],
    [{ newPassword: 'x'.repeat(7) }, 'newPassword', 'minLength'],
    [{ newPassword: 'x'.repeat(129) }, 'newPassword', 'maxLength'],
    [{ newPassword, currentPassword: '' }, 'currentPassword', 'minLength'],
    [{ newPassword, currentPassword: null }, 'currentPassword', 'type'],
    [{ password: newPassword }, 'password', 'unknown_member'],
  ])('%j', async (body, field, code) => {
    const answer = await change((await user(portolan)).id, body);
    expect(answer.status).toBe(400);
    expect(answer.body.details).toContainEqual(expect.objectContaining({ field, code }));
  });

  test.each(['viewer', 'admin'] as const)('without the present password for the own account, also of a %s', async (role) => {
    const person = await user(portolan, { role });
    const answer = await change(person.id, { newPassword }, { token: await loginOf(portolan, person) });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, 'currentPassword', 'required']);
    expect(await signIn(person, userPassword)).toBe(200);
  });
});

describe('401', () => {
  test('when the present password is wrong, also for an administrator who sends one; nothing changes', async () => {
    const person = await user(portolan);
    const bearer = await loginOf(portolan, person);
    for (const by of [bearer, portolan.adminToken]) {
      const answer = await change(person.id, { newPassword, currentPassword: 'wrong password' }, { token: by });
      expect([answer.status, answer.body.code, answer.headers['www-authenticate']]).toEqual([401, 'UNAUTHORIZED', 'Bearer']);
    }
    expect(await works(bearer)).toBe(true);
    expect(await signIn(person, userPassword)).toBe(200);
  });
});

describe('403', () => {
  test('for somebody else’s', async () => {
    const bearer = await loginOf(portolan, await user(portolan, { role: 'operator' }));
    const answer = await change((await user(portolan)).id, { newPassword, currentPassword: userPassword }, { token: bearer });
    expect([answer.status, answer.body.code]).toEqual([403, 'FORBIDDEN_ROLE']);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s, also with a bad body', async (id) => {
    expect((await change(id, {})).status).toBe(404);
  });

  test('a service account has no password', async () => {
    expect((await change((await serviceAccount(portolan)).id, { newPassword })).status).toBe(404);
  });
});

describe('412', () => {
  test('when If-Match names another version', async () => {
    const person = await user(portolan);
    expect((await change(person.id, { newPassword }, { headers: { 'if-match': '"2.0"' } })).status).toBe(412);
    expect((await change(person.id, { newPassword }, { headers: { 'if-match': '"1.0"' } })).status).toBe(200);
  });
});

describe('429', () => {
  test('after some wrong passwords even the right one is refused; other answers are not counted', async () => {
    const limited = await startPortolan({ RATE_LIMIT_LOGIN_ACCOUNT: '3' });
    try {
      const person = await user(limited);
      const bearer = await loginOf(limited, person);
      const send = (body: object) => limited.call('changeUserPassword', { path: { id: person.id }, body, token: bearer });
      for (let n = 0; n < 5; n++) expect((await send({ newPassword })).status).toBe(400);
      for (let n = 0; n < 5; n++) expect((await send({ newPassword: userPassword, currentPassword: userPassword })).status).toBe(200);
      for (let n = 0; n < 3; n++) expect((await send({ newPassword, currentPassword: `wrong ${n}` })).status).toBe(401);
      const answer = await send({ newPassword, currentPassword: userPassword });
      expect([answer.status, answer.body.code]).toEqual([429, 'RATE_LIMITED']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(60);
    } finally {
      await limited.close();
    }
  });
});
