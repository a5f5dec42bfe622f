import { uuidv7 } from 'uuidv7';
import { loginOf, serviceAccount, token, user } from '../../../support/fixtures';
import { type Portolan, startPortolan, startReplica } from '../../../support/portolan';
import { askByApiToken, askByPassword, askByRefresh, claimsOf } from '../../../support/tokenService';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const me = (bearer: string, on = portolan) => on.call('getCurrentPrincipal', { token: bearer });
const revoke = (bearer: string | null, jti: string) => portolan.call('revokeOauthToken', { token: bearer, path: { jti } });
const signedIn = async () => {
  const person = await user(portolan);
  return { ...person, ...(await askByPassword(portolan, person.email)).body };
};

describe('200', () => {
  test('of a user: the login ends, with its refresh token and every access token; other logins live on', async () => {
    const one = await signedIn();
    const other = (await askByPassword(portolan, one.email)).body;
    const next = (await askByRefresh(portolan, one.refresh_token)).body;
    for (const bearer of [one.access_token, next.access_token]) expect((await me(bearer)).status).toBe(200);
    const answer = await revoke(next.access_token, next.jti);
    expect([answer.status, answer.body]).toEqual([200, { jti: next.jti }]);
    for (const bearer of [one.access_token, next.access_token]) expect((await me(bearer)).status).toBe(401);
    expect((await askByRefresh(portolan, next.refresh_token)).body.error).toBe('invalid_token');
    expect((await me(other.access_token)).status).toBe(200);
    const rows = await portolan.sql("select * from audit_logs where resource_id = $1 and action = 'logout'", [one.id]);
    expect(rows).toMatchObject([{ operation_id: 'revokeOauthToken', resource_type: 'login', resource_name: one.email }]);
  });

  test('of client credentials: this access token ends, at every replica; the API token and its other tokens live on', async () => {
    const account = await serviceAccount(portolan);
    const api = await token(portolan, { ownerServiceAccountId: account.id });
    const [one, two] = [
      (await askByApiToken(portolan, account.name, api.token)).body,
      (await askByApiToken(portolan, account.name, api.token)).body,
    ];
    const replica = await startReplica(portolan);
    try {
      for (const on of [portolan, replica]) expect((await me(one.access_token, on)).status).toBe(200);
      expect((await revoke(one.access_token, one.jti.toUpperCase())).status).toBe(200);
      expect((await me(one.access_token)).status).toBe(401);
      for (let attempt = 0; (await me(one.access_token, replica)).status !== 401; attempt++) {
        if (attempt > 200) throw new Error('the replica still takes it');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    } finally {
      await replica.close();
    }
    for (const bearer of [two.access_token, api.token]) expect((await me(bearer)).status).toBe(200);
    expect((await askByApiToken(portolan, account.name, api.token)).status).toBe(200);
    const [row] = await portolan.sql('select * from revoked_access_tokens where id = $1', [one.jti]);
    expect(Date.parse(row.expires_at)).toBe(claimsOf(one.access_token).exp * 1000);
  });

  test('ignores a body and a query', async () => {
    const one = await signedIn();
    const answer = await portolan.call('revokeOauthToken', {
      token: one.access_token,
      path: { jti: one.jti },
      query: { client_id: 'cf' },
      body: '{',
    });
    expect(answer.status).toBe(200);
  });
});

describe('401', () => {
  test('without a bearer: unauthorized', async () => {
    const answer = await revoke(null, uuidv7());
    expect([answer.status, answer.body.error, answer.headers['www-authenticate']]).toEqual([401, 'unauthorized', 'Bearer']);
  });

  test('with a bad one, a refresh token, or twice: invalid_token', async () => {
    const one = await signedIn();
    for (const bearer of ['x', one.refresh_token]) expect((await revoke(bearer, one.jti)).body.error).toBe('invalid_token');
    expect((await revoke(one.access_token, one.jti)).status).toBe(200);
    expect((await revoke(one.access_token, one.jti)).body.error).toBe('invalid_token');
  });
});

describe('404', () => {
  test('for the jti of another token, and for what is none: nothing ends', async () => {
    const [one, other] = [await signedIn(), await signedIn()];
    for (const jti of [other.jti, uuidv7(), 'x', "'", one.access_token]) {
      const answer = await revoke(one.access_token, jti);
      expect([answer.status, answer.body.error]).toEqual([404, 'not_found']);
    }
    for (const bearer of [one.access_token, other.access_token]) expect((await me(bearer)).status).toBe(200);
  });

  test('for a bearer that is no access token: it has no jti', async () => {
    const login = await loginOf(portolan, await user(portolan));
    const api = await token(portolan);
    for (const bearer of [login, api.token]) {
      expect((await revoke(bearer, claimsOf(login).sid)).status).toBe(404);
      expect((await revoke(bearer, api.tokenId)).status).toBe(404);
      expect((await me(bearer)).status).toBe(200);
    }
  });
});
