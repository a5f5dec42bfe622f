import { loginOf, serviceAccount, token, unique, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const remove = (id: string, more: object = {}) => portolan.call('deleteUser', { path: { id }, ...more });
const works = async (bearer: string) => (await portolan.call('getCurrentPrincipal', { token: bearer })).status === 200;

describe('204', () => {
  test('logins and tokens end with the user', async () => {
    const person = await user(portolan);
    const bearers = [await loginOf(portolan, person), (await token(portolan, { ownerUserId: person.id, role: 'viewer' })).token];
    for (const bearer of bearers) expect(await works(bearer)).toBe(true);
    expect((await remove(person.id)).status).toBe(204);
    for (const bearer of bearers) expect(await works(bearer)).toBe(false);
    expect((await remove(person.id)).status).toBe(404);
    for (const table of ['logins', 'api_tokens']) {
      expect(await portolan.sql(`select id from ${table} where user_id = $1`, [person.id])).toEqual([]);
    }
    expect((await portolan.call('login', { body: { email: person.email, password: 'staple battery horse' } })).status).toBe(401);
  });

  test('history keeps the name', async () => {
    const person = await user(portolan, { role: 'admin', name: 'Ada' });
    const bearer = await loginOf(portolan, person);
    const { body } = await portolan.call('createServiceAccount', { token: bearer, body: { name: unique('account').toLowerCase() } });
    await remove(person.id);
    const done = await portolan.sql('select * from audit_logs where user_id = $1', [person.id]);
    expect(done.map(({ action, user_email, user_name }) => [action, user_email, user_name])).toEqual([
      ['login', person.email, 'Ada'],
      ['create', person.email, 'Ada'],
    ]);
    const [last] = await portolan.sql("select * from audit_logs where resource_id = $1 and action = 'delete'", [person.id]);
    expect(last).toMatchObject({ resource_type: 'user', resource_name: person.email });
    const account = await portolan.call('getServiceAccount', { path: { id: body.serviceAccount.id } });
    expect(account.body.serviceAccount.createdBy).toBeNull();
  });

  test('the address is free again', async () => {
    const person = await user(portolan);
    await remove(person.id);
    const again = await portolan.call('createUser', { body: { email: person.email, password: 'another-s3cret' } });
    expect(again.status).toBe(201);
  });

  test('another administrator is deleted while one is left; an Idempotency-Key gives 204 again', async () => {
    const person = await user(portolan, { role: 'admin' });
    const headers = { 'idempotency-key': unique('key') };
    expect((await remove(person.id, { headers })).status).toBe(204);
    const again = await remove(person.id, { headers });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([204, 'true']);
  });
});

describe('403', () => {
  test('for oneself without being an administrator', async () => {
    const person = await user(portolan, { role: 'operator' });
    const answer = await remove(person.id, { token: await loginOf(portolan, person) });
    expect([answer.status, answer.body.code]).toEqual([403, 'FORBIDDEN_ROLE']);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await remove(id)).status).toBe(404);
  });
});

describe('409', () => {
  test('for the own account, by login and by token', async () => {
    const person = await user(portolan, { role: 'admin' });
    const bearers = [await loginOf(portolan, person), (await token(portolan, { ownerUserId: person.id })).token];
    for (const bearer of bearers) {
      const answer = await remove(person.id, { token: bearer });
      expect([answer.status, answer.body.code, answer.body.details]).toEqual([409, 'CONFLICT', { state: 'own_account' }]);
    }
    expect((await remove(person.id)).status).toBe(204);
  });

  test('for the last enabled administrator', async () => {
    const one = await startPortolan();
    try {
      const [{ id }] = await one.sql("select id from users where role = 'admin'");
      await user(one, { role: 'admin', disabled: true });
      const account = await serviceAccount(one, { role: 'admin' });
      const { token: bearer } = await token(one, { ownerServiceAccountId: account.id });
      const answer = await one.call('deleteUser', { path: { id }, token: bearer });
      expect([answer.status, answer.body.details]).toEqual([409, { state: 'last_administrator' }]);
      await user(one, { role: 'admin' });
      expect((await one.call('deleteUser', { path: { id }, token: bearer })).status).toBe(204);
    } finally {
      await one.close();
    }
  });

  test('of two administrators who delete each other at once, one stays', async () => {
    const one = await startPortolan();
    try {
      await one.sql("update users set disabled = true where email = 'admin@portolan.local'");
      for (let round = 0; round < 10; round++) {
        const people = [await user(one, { role: 'admin' }), await user(one, { role: 'admin' })] as const;
        const bearers = [await loginOf(one, people[0]), await loginOf(one, people[1])] as const;
        const answers = await Promise.all([
          one.call('deleteUser', { path: { id: people[0].id }, token: bearers[1] }),
          one.call('deleteUser', { path: { id: people[1].id }, token: bearers[0] }),
        ]);
        const left = await one.sql("select count(*)::int as n from users where role = 'admin' and not disabled");
        expect([left, answers.filter(({ status }) => status === 204).length]).toEqual([[{ n: 1 }], 1]);
        expect([401, 409]).toContain(Math.max(...answers.map(({ status }) => status)));
        await one.sql('delete from users where not disabled');
        one.context.authenticator.forget();
      }
    } finally {
      await one.close();
    }
  });
});

describe('412', () => {
  test('when If-Match names another version, before anything about the state', async () => {
    const [{ id }] = await portolan.sql("select id from users where email = 'admin@portolan.local'");
    expect((await remove(id, { headers: { 'if-match': '"99.0"' } })).status).toBe(412);
    expect((await remove(id, { headers: { 'if-match': '*' } })).status).toBe(409);
  });
});
