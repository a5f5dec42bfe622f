import { loginOf, token, unique, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const me = (bearer: string) => portolan.call('getCurrentPrincipal', { token: bearer });

describe('204', () => {
  test('the login is dead at once, also where it is remembered; others of the user live on', async () => {
    const person = await user(portolan);
    const [one, two] = [await loginOf(portolan, person), await loginOf(portolan, person)];
    expect((await me(one)).status).toBe(200);
    expect((await portolan.call('logout', { token: one })).status).toBe(204);
    expect((await me(one)).status).toBe(401);
    expect((await portolan.call('logout', { token: one })).status).toBe(401);
    expect((await me(two)).status).toBe(200);
  });

  test('an empty object is taken as no body', async () => {
    const bearer = await loginOf(portolan, await user(portolan));
    expect((await portolan.call('logout', { token: bearer, body: {} })).status).toBe(204);
  });

  test('an API token is not ended, and nothing is recorded', async () => {
    const api = await token(portolan, { role: 'viewer', scopes: [] });
    expect((await portolan.call('logout', { token: api.token })).status).toBe(204);
    expect((await me(api.token)).status).toBe(200);
    expect(await portolan.sql('select id from audit_logs where resource_id = $1', [api.userId])).toEqual([]);
  });

  test('the audit row names who left', async () => {
    const person = await user(portolan);
    const bearer = await loginOf(portolan, person);
    await portolan.call('logout', { token: bearer });
    const rows = await portolan.sql("select * from audit_logs where resource_id = $1 and action = 'logout'", [person.id]);
    expect(rows).toMatchObject([{ resource_type: 'login', resource_name: person.email, user_id: person.id, success: true }]);
  });
});

describe('400', () => {
  test('when a body says something, and the login lives on', async () => {
    const bearer = await loginOf(portolan, await user(portolan));
    const answer = await portolan.call('logout', { token: bearer, body: { all: true } });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, 'all', 'unknown_member']);
    expect((await me(bearer)).status).toBe(200);
  });
});

describe('401', () => {
  test('a replay is not for a dead credential', async () => {
    const bearer = await loginOf(portolan, await user(portolan));
    const headers = { 'idempotency-key': unique('key') };
    expect((await portolan.call('logout', { token: bearer, headers })).status).toBe(204);
    expect((await portolan.call('logout', { token: bearer, headers })).status).toBe(401);
  });
});
