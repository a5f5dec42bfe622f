import { loginOf, serviceAccount, token, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const get = (id: string, more: object = {}) => portolan.call('getUser', { path: { id }, ...more });

describe('200', () => {
  test('any user, to an administrator', async () => {
    const person = await user(portolan, { role: 'operator', name: 'Ada' });
    const answer = await get(person.id);
    expect(answer.body.user).toMatchObject({ ...person, name: 'Ada', role: 'operator', disabled: false, lastActiveAt: null });
    expect(answer.text).not.toMatch(/argon2|hash|password/i);
  });

  test('oneself, to a login and to a token without a list of scopes', async () => {
    const person = await user(portolan);
    const api = await token(portolan, { ownerUserId: person.id, role: 'viewer' });
    for (const bearer of [await loginOf(portolan, person), api.token]) {
      expect((await get(person.id, { token: bearer })).body.user.id).toBe(person.id);
    }
  });
});

describe('304', () => {
  test('while nothing changed', async () => {
    const { id } = await user(portolan);
    const headers = { 'if-none-match': String((await get(id)).headers.etag) };
    expect((await get(id, { headers })).status).toBe(304);
    await portolan.call('updateUser', { path: { id }, body: { name: 'Ada' } });
    expect((await get(id, { headers })).status).toBe(200);
  });
});

describe('403', () => {
  test('somebody else, and then whether they exist is not told', async () => {
    const bearer = await loginOf(portolan, await user(portolan, { role: 'operator' }));
    for (const id of [(await user(portolan)).id, '01920000-0000-7000-8000-000000000000', 'x']) {
      const answer = await get(id, { token: bearer });
      expect([answer.status, answer.body.code]).toEqual([403, 'FORBIDDEN_ROLE']);
    }
  });

  test('oneself, to a token whose list of scopes lacks users:manage', async () => {
    const person = await user(portolan, { role: 'admin' });
    const api = await token(portolan, { ownerUserId: person.id, scopes: ['images:read'] });
    const answer = await get(person.id, { token: api.token });
    expect([answer.status, answer.body.details]).toEqual([403, { requiredScope: 'users:manage' }]);
  });
});

describe('400', () => {
  test('an unknown parameter is told', async () => {
    const answer = await get((await user(portolan)).id, { query: { include: 'x' } });
    expect([answer.status, answer.body.field]).toEqual([400, 'include']);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await get(id)).status).toBe(404);
  });

  test('a service account is no user', async () => {
    expect((await get((await serviceAccount(portolan)).id)).status).toBe(404);
  });
});
