import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { uuidv7 } from 'uuidv7';
import { unseal } from '../../src/store/sealing';
import { testKeyring } from '../support/config';
import { openStream } from '../support/eventStream';
import { serviceAccount, token, user } from '../support/fixtures';
import { type Portolan, startPortolan, startReplica } from '../support/portolan';
import { askByApiToken, askByPassword, askByRefresh, claimsOf } from '../support/tokenService';

/** Access tokens as credentials: what they say, and when /api and /v3 take them. */

let portolan: Portolan;
let replica: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
  replica = await startReplica(portolan);
});
afterAll(async () => {
  await replica.close();
  await portolan.close();
});

const me = (bearer: string, on = portolan) => on.call('getCurrentPrincipal', { token: bearer });
const ofV3 = (bearer: string) => portolan.send('GET', '/v3/droplets/none', { token: bearer });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function expectEverywhere(bearer: string, status: number): Promise<void> {
  for (const on of [portolan, replica]) {
    for (let attempt = 0; (await me(bearer, on)).status !== status; attempt++) {
      if (attempt > 200) throw new Error(`no ${status}`);
      await pause(10);
    }
  }
}

async function verified(bearer: string): Promise<JWTPayload> {
  const keys = createLocalJWKSet((await portolan.call('getTokenKeys')).body);
  return (await jwtVerify(bearer, keys, { issuer: 'portolan', audience: 'cloud_controller' })).payload;
}

describe('the claims', () => {
  test('of a user', async () => {
    const { id, email } = await user(portolan, { role: 'operator', name: 'Ada' });
    const { access_token, jti } = (await askByPassword(portolan, email)).body;
    const claims = await verified(access_token);
    const [login] = await portolan.sql('select id from logins where user_id = $1', [id]);
    expect(claims).toEqual({
      jti,
      sub: id,
      user_id: id,
      user_name: email,
      email,
      origin: 'portolan',
      client_id: 'cf',
      grant_type: 'password',
      scope: ['cloud_controller.read', 'cloud_controller.write'],
      aud: ['cloud_controller'],
      iss: 'portolan',
      sid: login.id,
      iat: expect.any(Number),
      exp: (claims.iat as number) + 600,
    });
    expect(Math.abs((claims.iat as number) * 1000 - Date.now())).toBeLessThan(10_000);
  });

  test('of a service account: everything that clients read as text is text', async () => {
    const account = await serviceAccount(portolan, { role: 'viewer' });
    const api = await token(portolan, { ownerServiceAccountId: account.id, role: 'viewer' });
    const claims = await verified((await askByApiToken(portolan, account.name, api.token)).body.access_token);
    expect(claims).toMatchObject({
      sub: account.id,
      user_id: account.id,
      user_name: account.name,
      email: `${account.name}@service-account.local`,
      origin: 'portolan',
      client_id: account.name,
      grant_type: 'client_credentials',
      scope: ['cloud_controller.read'],
      sid: api.tokenId,
    });
  });

  test('after a refresh say what the user may do by then', async () => {
    const { id, email } = await user(portolan, { role: 'admin' });
    const first = (await askByPassword(portolan, email)).body;
    expect(claimsOf(first.access_token).scope).toContain('cloud_controller.admin');
    await portolan.sql("update users set role = 'viewer' where id = $1", [id]);
    const second = (await askByRefresh(portolan, first.refresh_token)).body;
    expect([second.scope, claimsOf(second.access_token).scope]).toEqual(['cloud_controller.read', ['cloud_controller.read']]);
    // The older token still says admin; what it may do is the user's role all the same.
    for (let attempt = 0; (await me(first.access_token)).body.role !== 'viewer'; attempt++) {
      if (attempt > 200) throw new Error('the role of the claim counts');
      await pause(10);
    }
  });

  test('follow CF_TOKEN_TTL', async () => {
    const short = await startReplica(portolan, { CF_TOKEN_TTL: '90s' });
    try {
      const { access_token, expires_in } = (await askByPassword(short, (await user(portolan)).email)).body;
      const { iat, exp } = claimsOf(access_token);
      expect([expires_in, exp - iat]).toEqual([90, 90]);
    } finally {
      await short.close();
    }
  });
});

describe('both surfaces', () => {
  test('take access tokens, logins and API tokens', async () => {
    const person = await user(portolan);
    const api = await token(portolan);
    const bearers = [
      (await askByPassword(portolan, person.email)).body.access_token,
      (await askByApiToken(portolan, api.tokenId, api.token)).body.access_token,
      portolan.adminToken,
      api.token,
    ];
    for (const bearer of bearers) {
      expect((await me(bearer)).status).toBe(200);
      const answer = await ofV3(bearer);
      expect([answer.status, answer.body.errors[0].code]).toEqual([404, 10010]);
    }
  });

  test('take a token in any letter case of the scheme, at every replica', async () => {
    const { access_token } = (await askByPassword(portolan, (await user(portolan)).email)).body;
    for (const on of [portolan, replica]) {
      const headers = { authorization: `bearer ${access_token}` };
      expect((await on.send('GET', '/api/auth/me', { token: null, headers })).status).toBe(200);
    }
  });
});

describe('both surfaces refuse', () => {
  let key: { id: string; privateKey: KeyObject };
  let claims: Record<string, any>;
  beforeAll(async () => {
    const [row] = await portolan.sql('select id, private_key_sealed from signing_keys order by created_at desc limit 1');
    const place = { table: 'signing_keys', column: 'private_key', rowId: row.id };
    key = { id: row.id, privateKey: createPrivateKey(unseal(testKeyring, place, row.private_key_sealed)) };
    claims = claimsOf((await askByPassword(portolan, (await user(portolan)).email)).body.access_token);
  });
  const sign = (changes: Record<string, unknown>, { privateKey, id } = key) =>
    new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'ES256', kid: id, typ: 'JWT' }).sign(privateKey);
  const expectRefused = async (bearer: string) => {
    expect((await me(bearer)).status).toBe(401);
    const answer = await ofV3(bearer);
    expect([answer.status, answer.body.errors[0].code, answer.body.errors[0].detail]).toEqual([401, 1000, 'Invalid Auth Token']);
  };

  test('nothing that is signed as ours are', async () => {
    expect((await me(await sign({}))).status).toBe(200);
  });

  test.each<[string, Record<string, unknown>]>([
    ['another issuer', { iss: 'https://uaa.example/oauth/token' }],
    ['another audience', { aud: ['cloud_controller_other'] }],
    ['no audience', { aud: undefined }],
    ['an end that is past', { exp: Math.floor(Date.now() / 1000) - 5 }],
    ['no end', { exp: undefined }],
    ['no id', { jti: undefined }],
    ['an id that is none', { jti: 'x' }],
    ['no login', { sid: undefined }],
    ['a login that is none', { sid: "'" }],
    ['a login that is not there', { sid: uuidv7() }],
    ['the login as an API token', { grant_type: 'client_credentials' }],
  ])('a token with %s', async (_, changes) => {
    await expectRefused(await sign(changes));
  });

  test('one with another signature, or under a key that is not ours', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await expectRefused(await sign({}, { privateKey, id: key.id }));
    await expectRefused(await sign({}, { privateKey, id: 'other' }));
  });

  test('a refresh token', async () => {
    const { refresh_token } = (await askByPassword(portolan, (await user(portolan)).email)).body;
    await expectRefused(refresh_token);
  });
});

describe('an access token of client credentials ends at once', () => {
  const granted = async (wishes: Parameters<typeof token>[1] = {}) => {
    const account = await serviceAccount(portolan);
    const api = await token(portolan, { ownerServiceAccountId: account.id, role: 'operator', ...wishes });
    const bearer: string = (await askByApiToken(portolan, account.name, api.token)).body.access_token;
    await expectEverywhere(bearer, 200);
    return { account, api, bearer };
  };

  test('when the API token is deleted', async () => {
    const { api, bearer } = await granted();
    await portolan.call('deleteApiToken', { path: { tokenId: api.tokenId } });
    expect((await me(bearer)).status).toBe(401);
    await expectEverywhere(bearer, 401);
  });

  test('when the service account is disabled', async () => {
    const { account, bearer } = await granted();
    await portolan.call('updateServiceAccount', { path: { id: account.id }, body: { disabled: true } });
    expect((await me(bearer)).status).toBe(401);
    await expectEverywhere(bearer, 401);
  });

  test('when the API token is put to an earlier end', async () => {
    const { api, bearer } = await granted();
    await portolan.sql("update api_tokens set expires_at = now() - interval '1 second' where id = $1", [api.tokenId]);
    await expectEverywhere(bearer, 401);
  });

  test('and its use counts as one of the API token', async () => {
    const { api } = await granted();
    await portolan.context.authenticator.flush();
    const [row] = await portolan.sql('select last_used_at from api_tokens where id = $1', [api.tokenId]);
    expect(row.last_used_at).not.toBeNull();
  });
});

describe('an access token that expires', () => {
  test('is refused also while it is remembered, and its refresh token gets another', async () => {
    const short = await startReplica(portolan, { CF_TOKEN_TTL: '2s' });
    try {
      const first = (await askByPassword(short, (await user(portolan)).email)).body;
      expect((await me(first.access_token, short)).status).toBe(200);
      for (let attempt = 0; (await me(first.access_token, short)).status !== 401; attempt++) {
        if (attempt > 100) throw new Error('it lives on');
        await pause(50);
      }
      const second = (await askByRefresh(short, first.refresh_token)).body;
      expect((await me(second.access_token, short)).status).toBe(200);
    } finally {
      await short.close();
    }
  });
});

describe('a stream of events that was opened with an access token', () => {
  test('ends when that token is revoked; one of another token of the same API token goes on', async () => {
    const api = await token(portolan);
    const [one, two] = [
      (await askByApiToken(portolan, api.tokenId, api.token)).body,
      (await askByApiToken(portolan, api.tokenId, api.token)).body,
    ];
    const [ending, staying] = [
      await openStream(portolan, { token: one.access_token }),
      await openStream(portolan, { token: two.access_token }),
    ];
    expect([ending.status, staying.status]).toEqual([200, 200]);
    let ended = false;
    void staying.ended.then(() => {
      ended = true;
    });
    expect((await portolan.call('revokeOauthToken', { token: one.access_token, path: { jti: one.jti } })).status).toBe(200);
    expect(await ending.ended).toBe('end');
    expect(ended).toBe(false);
    staying.close();
  });

  test('ends with that token', async () => {
    const short = await startReplica(portolan, { CF_TOKEN_TTL: '2s' });
    try {
      const { access_token } = (await askByPassword(short, (await user(portolan)).email)).body;
      const stream = await openStream(short, { token: access_token });
      expect(stream.status).toBe(200);
      expect(await stream.ended).toBe('end');
      expect(Date.now()).toBeGreaterThanOrEqual(claimsOf(access_token).exp * 1000);
    } finally {
      await short.close();
    }
  });
});
