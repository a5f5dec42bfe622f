import { loginOf, serviceAccount, token, unique, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const update = (id: string, body: unknown, more: object = {}) => portolan.call('updateUser', { path: { id }, body, ...more });
const read = async (id: string) => (await portolan.call('getUser', { path: { id } })).body.user;

describe('200', () => {
  test('name: absent keeps, null clears, a value sets', async () => {
    const { id } = await user(portolan, { name: 'Ada' });
    expect((await update(id, { role: 'operator' })).body.user.name).toBe('Ada');
    expect((await update(id, { name: null })).body.user.name).toBeNull();
    expect((await update(id, { name: 'Ada Lovelace' })).body.user.name).toBe('Ada Lovelace');
  });

  test.each([
    ['role', 'operator'],
    ['role', 'admin'],
    ['disabled', true],
  ])('%s: absent keeps, null is refused, %s is set', async (member, value) => {
    const { id } = await user(portolan);
    const before = await read(id);
    expect((await update(id, { name: 'x' })).body.user[member]).toBe(before[member]);
    const refused = await update(id, { [member]: null });
    expect([refused.status, refused.body.field]).toEqual([400, member]);
    const answer = await update(id, { [member]: value });
    expect(answer.body.user[member]).toBe(value);
    expect(answer.headers.etag).toMatch(/^"3\./);
    expect(await read(id)).toEqual(answer.body.user);
  });

  test('everybody changes their own name', async () => {
    const person = await user(portolan);
    const bearer = await loginOf(portolan, person);
    expect((await update(person.id, { name: 'Ada' }, { token: bearer })).body.user.name).toBe('Ada');
    const me = await portolan.call('getCurrentPrincipal', { token: bearer });
    expect(me.body.user.name).toBe('Ada');
  });

  test('a role and a flag that are as they were are no change, so that one may send the whole object back', async () => {
    const person = await user(portolan, { role: 'operator' });
    const body = { name: 'Ada', role: 'operator', disabled: false };
    expect((await update(person.id, body, { token: await loginOf(portolan, person) })).status).toBe(200);
  });

  test('a patch that changes nothing leaves version, time and history alone', async () => {
    const { id } = await user(portolan, { name: 'Ada' });
    const before = await read(id);
    for (const body of [{}, { name: 'Ada', role: 'viewer' }]) {
      const answer = await update(id, body);
      expect(answer.headers.etag).toMatch(/^"1\./);
      expect(answer.body.user).toEqual(before);
    }
    expect(await portolan.sql('select id from audit_logs where resource_id = $1', [id])).toEqual([]);
  });

  test('the audit row tells old and new values', async () => {
    const { id, email } = await user(portolan, { name: 'Ada' });
    await update(id, { role: 'operator', disabled: false });
    const rows = await portolan.sql('select * from audit_logs where resource_id = $1', [id]);
    expect(rows).toMatchObject([{ action: 'update', resource_type: 'user', resource_name: email }]);
    expect(rows[0].details).toEqual({ changed: ['role'], before: { role: 'viewer' }, after: { role: 'operator' } });
  });

  test('the password stays', async () => {
    const person = await user(portolan);
    await update(person.id, { name: 'x', role: 'operator' });
    await loginOf(portolan, person);
  });

  test('an administrator steps down while another one is left', async () => {
    const person = await user(portolan, { role: 'admin' });
    const bearer = await loginOf(portolan, person);
    expect((await update(person.id, { role: 'viewer' }, { token: bearer })).body.user.role).toBe('viewer');
    expect((await update(person.id, { role: 'admin' }, { token: bearer })).status).toBe(403);
  });

  test('an Idempotency-Key is acted on once', async () => {
    const { id } = await user(portolan);
    const headers = { 'idempotency-key': unique('key') };
    const first = await update(id, { name: 'one' }, { headers });
    await update(id, { name: 'two' });
    const again = await update(id, { name: 'one' }, { headers });
    expect([again.headers['idempotent-replayed'], again.text]).toEqual(['true', first.text]);
    expect((await read(id)).name).toBe('two');
  });
});

describe('400', () => {
  test.each([
    [{ name: '' }, 'name', 'minLength'],
    [{ name: 'x'.repeat(256) }, 'name', 'maxLength'],
    [{ name: 'a\u0000b' }, 'name', 'format'],
    [{ role: 'owner' }, 'role', 'enum'],
    [{ disabled: 'false' }, 'disabled', 'type'],
    [{ password: 'another-s3cret' }, 'password', 'unknown_member'],
    [[], '', 'type'],
    [undefined, '', 'required'],
  ])('%j', async (body, field, code) => {
    const answer = await update((await user(portolan)).id, body);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });
});

describe('403', () => {
  test.each([{ role: 'admin' }, { role: 'viewer' }, { disabled: true }, { name: 'x', role: 'admin' }])('for oneself: %j', async (body) => {
    const person = await user(portolan, { role: 'operator', name: 'Ada' });
    const answer = await update(person.id, body, { token: await loginOf(portolan, person) });
    expect([answer.status, answer.body.code, answer.body.details]).toEqual([403, 'FORBIDDEN_ROLE', { requiredRole: 'admin' }]);
    expect(await read(person.id)).toMatchObject({ role: 'operator', name: 'Ada', disabled: false });
  });

  test('for an administrator’s token with a weaker role', async () => {
    const person = await user(portolan, { role: 'admin' });
    const api = await token(portolan, { ownerUserId: person.id, role: 'operator' });
    expect((await update(person.id, { role: 'viewer' }, { token: api.token })).body.code).toBe('FORBIDDEN_ROLE');
  });

  test('for somebody else', async () => {
    const bearer = await loginOf(portolan, await user(portolan, { role: 'operator' }));
    for (const id of [(await user(portolan)).id, '01920000-0000-7000-8000-000000000000']) {
      expect((await update(id, { name: 'x' }, { token: bearer })).body.details).toEqual({ requiredRole: 'admin' });
    }
  });

  test('for a token of one’s own that is limited to environments', async () => {
    const person = await user(portolan);
    const api = await token(portolan, { ownerUserId: person.id, role: 'viewer', environments: [] });
    const answer = await update(person.id, { name: 'x' }, { token: api.token });
    expect([answer.status, answer.body.code]).toEqual([403, 'FORBIDDEN_SCOPE']);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s, also with a bad body', async (id) => {
    expect((await update(id, { name: '' })).status).toBe(404);
  });
});

describe('409', () => {
  /** A service of its own whose only enabled administrator is the first one. */
  const alone = async (run: (portolan: Portolan, admin: string, bearer: string) => Promise<void>) => {
    const one = await startPortolan();
    try {
      const [{ id }] = await one.sql("select id from users where role = 'admin'");
      const account = await serviceAccount(one, { role: 'admin' });
      await run(one, id, (await token(one, { ownerServiceAccountId: account.id })).token);
    } finally {
      await one.close();
    }
  };

  test('the last enabled administrator is neither demoted nor disabled, by nobody', async () => {
    await alone(async (one, id, bearer) => {
      await user(one, { role: 'admin', disabled: true });
      for (const by of [undefined, bearer]) {
        for (const body of [{ role: 'operator' }, { disabled: true }]) {
          const answer = await one.call('updateUser', { path: { id }, body, ...(by ? { token: by } : {}) });
          expect([answer.status, answer.body.code, answer.body.details]).toEqual([409, 'CONFLICT', { state: 'last_administrator' }]);
        }
      }
      expect((await one.call('updateUser', { path: { id }, body: { name: 'Ada' } })).status).toBe(200);
      expect((await one.call('getCurrentPrincipal')).body.role).toBe('admin');
    });
  });

  test('of two administrators who demote each other at once, one stays', async () => {
    await alone(async (one, first) => {
      for (let round = 0; round < 10; round++) {
        const second = await user(one, { role: 'admin' });
        const demote = (id: string, by: string) => one.call('updateUser', { path: { id }, body: { role: 'viewer' }, token: by });
        const bearers = [await loginOf(one, second), one.adminToken] as const;
        const answers = await Promise.all([demote(first, bearers[0]), demote(second.id, bearers[1])]);
        expect(answers.map(({ status }) => status).sort()).toEqual([200, expect.any(Number)]);
        // The later one meets the rule, or is an administrator no more when it comes in.
        expect([403, 409]).toContain(Math.max(...answers.map(({ status }) => status)));
        expect(await one.sql("select count(*)::int as n from users where role = 'admin' and not disabled")).toEqual([{ n: 1 }]);
        await one.sql("update users set role = 'admin' where id = $1", [first]);
        await one.sql('delete from users where id = $1', [second.id]);
        one.context.authenticator.forget();
      }
    });
  });

  test('of many administrators who all step down at once, one stays, and nobody fails', async () => {
    await alone(async (one) => {
      const people = await Promise.all(Array.from({ length: 5 }, () => user(one, { role: 'admin' })));
      const bearers = await Promise.all(people.map((person) => loginOf(one, person)));
      const [{ id }] = await one.sql("select id from users where email = 'admin@portolan.local'");
      const everybody = [...people.map((person, n) => [person.id, bearers[n]]), [id, one.adminToken]] as [string, string][];
      const answers = await Promise.all(
        everybody.map(([own, bearer], n) =>
          one.call('updateUser', { path: { id: own }, body: n % 2 ? { disabled: true } : { role: 'viewer' }, token: bearer }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 409]);
      expect(await one.sql("select count(*)::int as n from users where role = 'admin' and not disabled")).toEqual([{ n: 1 }]);
    });
  });
});

describe('412', () => {
  test('when If-Match names another version; being active does not count', async () => {
    const { id } = await user(portolan);
    const etag = String((await portolan.call('getUser', { path: { id } })).headers.etag);
    await portolan.sql('update users set last_active_at = now() where id = $1', [id]);
    expect((await update(id, { name: 'a' }, { headers: { 'if-match': etag } })).status).toBe(200);
    const stale = await update(id, { name: 'b' }, { headers: { 'if-match': etag } });
    const present = await portolan.call('getUser', { path: { id } });
    expect([stale.status, stale.body.details.currentEtag]).toEqual([412, present.headers.etag]);
    expect(present.body.user.name).toBe('a');
  });
});

describe('422', () => {
  test.each([
    ['email', 'It is set when the object is created and stays.'],
    ['lastActiveAt', 'Leave it out; Portolan sets it.'],
    ['createdAt', 'Leave it out; Portolan sets it.'],
  ])('%s is read-only, and nothing is applied', async (member, hint) => {
    const { id } = await user(portolan, { name: 'Ada' });
    const answer = await update(id, { name: 'x', [member]: 'x' });
    expect([answer.status, answer.body.code, answer.body.field, answer.body.hint]).toEqual([422, 'READONLY_FIELD', member, hint]);
    expect((await read(id)).name).toBe('Ada');
  });
});
