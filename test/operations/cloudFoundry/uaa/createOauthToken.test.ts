import { Client } from 'pg';
import { hashPassword } from '../../../../src/auth/passwords';
import { adminEmail, adminPassword } from '../../../support/config';
import { environment, serviceAccount, token, unique, user, userPassword } from '../../../support/fixtures';
import { type Answered, type Portolan, startPortolan, startReplica } from '../../../support/portolan';
import { askByApiToken, askByPassword, askByRefresh, askToken, basic, claimsOf, formType } from '../../../support/tokenService';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const me = (bearer: string, on = portolan) => on.call('getCurrentPrincipal', { token: bearer });
const error = ({ status, body }: Answered) => [status, body.error];
const loginsOf = (userId: string) => portolan.sql('select * from logins where user_id = $1', [userId]);

async function signedIn(wishes: Parameters<typeof user>[1] = {}) {
  const person = await user(portolan, wishes);
  const answer = await askByPassword(portolan, person.email);
  expect(answer.status).toBe(200);
  return { ...person, access: answer.body.access_token as string, refresh: answer.body.refresh_token as string };
}

/** Holds a row until the returned function is called, which first waits for somebody to wait for it. */
async function hold(statement: string, values: unknown[], waiters = 1) {
  const other = new Client({ connectionString: portolan.databaseUrl });
  await other.connect();
  await other.query('begin');
  await other.query(statement, values);
  return async () => {
    for (let attempt = 0; ; attempt++) {
      const waiting = await portolan.sql(
        "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      if (waiting.length >= waiters) break;
      if (attempt > 300) throw new Error(`${waiting.length} instead of ${waiters} wait for the row`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await other.query('commit');
    await other.end();
  };
}

describe('200 for a password', () => {
  test('answers both tokens, their kind, life, scope and id, and is not to be kept', async () => {
    const { email } = await user(portolan, { role: 'operator' });
    const answer = await askByPassword(portolan, email);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'bearer',
      refresh_token: expect.stringMatching(/^ptl_rft_[\w-]{43}$/),
      expires_in: 600,
      scope: 'cloud_controller.read cloud_controller.write',
      jti: claimsOf(answer.body.access_token).jti,
    });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('the access token opens /api as that user, in any letter case of the scheme', async () => {
    const { id, access } = await signedIn({ role: 'viewer' });
    const answer = await me(access);
    expect(answer.body.user).toMatchObject({ id, role: 'viewer' });
    const shouted = await portolan.send('GET', '/api/auth/me', { token: null, headers: { authorization: `BEARER ${access}` } });
    expect(shouted.status).toBe(200);
  });

  test('opens a login of 30 days, which logging out on /api ends with both tokens', async () => {
    const { id, access, refresh } = await signedIn();
    const [login] = await loginsOf(id);
    expect(claimsOf(access).sid).toBe(login.id);
    const days = (Date.parse(login.expires_at) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.99);
    expect(days).toBeLessThanOrEqual(30);
    expect((await portolan.call('logout', { token: access })).status).toBe(204);
    expect((await me(access)).status).toBe(401);
    expect(error(await askByRefresh(portolan, refresh))).toEqual([401, 'invalid_token']);
    expect(await loginsOf(id)).toEqual([]);
  });

  test.each<[string, string | null, Record<string, string>]>([
    ['by HTTP Basic', basic('cf', ''), {}],
    ['by HTTP Basic in another letter case', basic('cf', '').replace('Basic', 'bAsIc'), {}],
    ['in the body', null, { client_id: 'cf', client_secret: '' }],
    ['in the body without a secret', null, { client_id: 'cf' }],
    ['in the body beside a bearer, which counts for nothing', 'Bearer x', { client_id: 'cf' }],
    ['by HTTP Basic, which goes before the body', basic('cf', ''), { client_id: 'other', client_secret: 'x' }],
  ])('names the client %s', async (_, authorization, members) => {
    const { email } = await user(portolan);
    const form = { grant_type: 'password', username: email, password: userPassword, ...members };
    expect((await askToken(portolan, form, authorization)).status).toBe(200);
  });

  test('ignores what other services take, in the form and in the query', async () => {
    const { email } = await user(portolan);
    const form = new URLSearchParams({
      grant_type: 'password',
      username: email,
      password: userPassword,
      scope: 'openid',
      response_type: 'token',
      login_hint: '{"origin":"ldap"}',
      __proto__x: 'y',
    });
    form.append('__proto__', 'z');
    const answer = await portolan.call('createOauthToken', {
      query: { login_hint: '{"origin":"uaa"}' },
      body: form.toString(),
      headers: { 'content-type': formType, authorization: basic('cf', ''), 'idempotency-key': 'k', 'if-match': 'x' },
    });
    expect(answer.status).toBe(200);
  });

  test.each([
    'application/x-www-form-urlencoded;charset=UTF-8',
    'application/x-www-form-urlencoded; charset="utf-8"',
    'Application/X-WWW-Form-Urlencoded',
  ])('takes a form as %s, and answers JSON whatever is accepted', async (type) => {
    const { email } = await user(portolan);
    const answer = await portolan.call('createOauthToken', {
      body: `grant_type=password&username=${encodeURIComponent(email)}&password=${userPassword.replaceAll(' ', '+')}`,
      headers: { 'content-type': type, authorization: basic('cf', ''), accept: 'text/html' },
    });
    expect(answer.status).toBe(200);
  });

  test('the administrator signs in in any letter case of the address, and is told what they may do', async () => {
    const answer = await askByPassword(portolan, adminEmail.toUpperCase(), adminPassword);
    expect(answer.body.scope.split(' ')).toEqual([
      'cloud_controller.read',
      'cloud_controller.write',
      'cloud_controller.admin',
      'cloud_controller.update_build_state',
    ]);
  });

  test('the audit row names the user and the operation', async () => {
    const { id, email } = await user(portolan, { name: 'Ada' });
    const answer = await askByPassword(portolan, email);
    const rows = await portolan.sql("select * from audit_logs where resource_type = 'login' and resource_id = $1", [id]);
    expect(rows).toMatchObject([
      {
        action: 'login',
        operation_id: 'createOauthToken',
        success: true,
        user_id: id,
        user_name: 'Ada',
        request_id: answer.headers['x-request-id'],
      },
    ]);
  });
});

describe('200 for a refresh token', () => {
  test('answers a new pair for the same login, and the old access token lives on', async () => {
    const { id, access, refresh } = await signedIn({ role: 'operator' });
    const answer = await askByRefresh(portolan, refresh);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ token_type: 'bearer', expires_in: 600, scope: expect.any(String) });
    expect(answer.body.refresh_token).not.toBe(refresh);
    expect(claimsOf(answer.body.access_token)).toMatchObject({ sub: id, sid: claimsOf(access).sid });
    expect(answer.body.jti).not.toBe(claimsOf(access).jti);
    for (const bearer of [access, answer.body.access_token]) expect((await me(bearer)).status).toBe(200);
    expect(await loginsOf(id)).toHaveLength(1);
    expect((await askByRefresh(portolan, answer.body.refresh_token)).status).toBe(200);
  });

  test('two requests that both saw the token alive: one wins, and the login lives', async () => {
    const { refresh, access } = await signedIn();
    const release = await hold('select id from logins where id = $1 for update', [claimsOf(access).sid], 2);
    const pending = Promise.all([askByRefresh(portolan, refresh), askByRefresh(portolan, refresh)]);
    await release();
    const answers = await pending;
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    const won = answers.find(({ status }) => status === 200) as Answered;
    expect((await me(won.body.access_token)).status).toBe(200);
    expect((await askByRefresh(portolan, won.body.refresh_token)).status).toBe(200);
  });

  test('of ten requests with one token at the same time exactly one succeeds', async () => {
    const { refresh } = await signedIn();
    const answers = await Promise.all(Array.from({ length: 10 }, () => askByRefresh(portolan, refresh)));
    const [won, ...lost] = answers.sort((a, b) => a.status - b.status);
    expect(won?.status).toBe(200);
    for (const one of lost) expect(error(one)).toEqual([401, 'invalid_token']);
  });

  test('the login ends 30 days after the password: refreshing does not put that off, and no access token outlives it', async () => {
    const { id, refresh } = await signedIn();
    await portolan.sql("update logins set expires_at = now() + interval '100 seconds' where user_id = $1", [id]);
    const answer = await askByRefresh(portolan, refresh);
    expect(answer.status).toBe(200);
    expect(answer.body.expires_in).toBeGreaterThan(90);
    expect(answer.body.expires_in).toBeLessThanOrEqual(100);
    await portolan.sql("update logins set expires_at = now() - interval '1 second' where user_id = $1", [id]);
    expect(error(await askByRefresh(portolan, answer.body.refresh_token))).toEqual([401, 'invalid_token']);
  });
});

describe('200 for client credentials', () => {
  test('by the name of the service account, or the id of the token; without a refresh token', async () => {
    const account = await serviceAccount(portolan, { role: 'operator' });
    const api = await token(portolan, { role: 'operator', ownerServiceAccountId: account.id });
    for (const clientId of [account.name, api.tokenId, api.tokenId.toUpperCase()]) {
      const answer = await askByApiToken(portolan, clientId, api.token);
      expect(answer.status).toBe(200);
      expect(answer.body).not.toHaveProperty('refresh_token');
      expect(answer.body).toMatchObject({ token_type: 'bearer', expires_in: 600 });
      expect(claimsOf(answer.body.access_token)).toMatchObject({ client_id: clientId, sub: account.id });
      expect((await me(answer.body.access_token)).body.user).toMatchObject({
        apiTokenId: api.tokenId,
        serviceAccountId: account.id,
      });
    }
    expect((await askToken(portolan, { grant_type: 'client_credentials' }, basic(account.name, api.token))).status).toBe(200);
  });

  test('of a person only by the id of the token', async () => {
    const api = await token(portolan, { role: 'viewer' });
    const [{ email }] = await portolan.sql('select email from users where id = $1', [api.userId]);
    expect((await askByApiToken(portolan, api.tokenId, api.token)).status).toBe(200);
    expect(error(await askByApiToken(portolan, email, api.token))).toEqual([401, 'invalid_client']);
  });

  test('the access token acts within the limits of the API token: role, scopes, environments', async () => {
    const [home, away] = [await environment(portolan), await environment(portolan)];
    const api = await token(portolan, { role: 'viewer', scopes: ['environments:read'], environments: [home] });
    const { access_token: bearer, scope } = (await askByApiToken(portolan, api.tokenId, api.token)).body;
    expect(scope).toBe('cloud_controller.read');
    const list = await portolan.call('listEnvironments', { token: bearer });
    expect(list.body.environments.map(({ id }: { id: string }) => id)).toEqual([home]);
    expect((await portolan.call('getEnvironment', { token: bearer, path: { id: away } })).status).toBe(404);
    expect((await portolan.call('listAuditLogs', { token: bearer })).status).toBe(403);
  });

  test('the access token never outlives the API token', async () => {
    const api = await token(portolan, { expiresAt: new Date(Date.now() + 90_000).toISOString() });
    const { expires_in, access_token } = (await askByApiToken(portolan, api.tokenId, api.token)).body;
    expect(expires_in).toBeLessThanOrEqual(90);
    expect(claimsOf(access_token).exp * 1000).toBeLessThanOrEqual(Date.now() + 90_000);
  });
});

describe('400', () => {
  const ask = (body: string, type: string = formType) =>
    portolan.call('createOauthToken', { body, headers: { 'content-type': type, authorization: basic('cf', '') } });

  test.each([
    ['no body', ''],
    ['no grant type', 'username=a&password=b'],
    ['no user name', 'grant_type=password&password=x'],
    ['an empty user name', 'grant_type=password&username=&password=x'],
    ['no password', 'grant_type=password&username=a'],
    ['no refresh token', 'grant_type=refresh_token'],
    ['a member twice', 'grant_type=password&grant_type=password&username=a&password=b'],
    ['U+0000', 'grant_type=password&username=a%00b&password=x'],
    ['U+0000 in a name', 'grant_type=password&username=a&password=x&a%00b=c'],
  ])('%s: invalid_request', async (_, body) => {
    const answer = await ask(body);
    expect(error(answer)).toEqual([400, 'invalid_request']);
    expect(answer.body.error_description).not.toBe('');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test.each(['application/json', 'text/plain', 'multipart/form-data', '', `${formType}; charset=iso-8859-1`])(
    'a body declared as "%s": invalid_request',
    async (type) => {
      const body = type === 'application/json' ? '{"grant_type":"password"}' : 'grant_type=password&username=a&password=b';
      expect(error(await ask(body, type))).toEqual([400, 'invalid_request']);
    },
  );

  test.each(['authorization_code', 'Password', '', 'constructor', 'urn:ietf:params:oauth:grant-type:jwt-bearer'])(
    'grant type "%s": unsupported_grant_type, with those that are known',
    async (grant) => {
      const answer = await ask(`grant_type=${encodeURIComponent(grant)}`);
      expect(error(answer)).toEqual([400, 'unsupported_grant_type']);
      expect(answer.body.error_description).toContain('password, refresh_token, client_credentials');
    },
  );
});

describe('401 for the client', () => {
  const password = { grant_type: 'password', username: adminEmail, password: adminPassword };

  test.each<[string, string | null]>([
    ['none', null],
    ['none but a bearer', 'Bearer x'],
    ['another', basic('other', '')],
    ['one with a secret', basic('cf', 'secret')],
    ['no base64', 'Basic %%%'],
    ['no colon', `Basic ${Buffer.from('cf').toString('base64')}`],
    ['no name', basic('', '')],
    ['U+0000', basic('c\0f', '')],
    ['nothing', 'Basic'],
  ])('%s: invalid_client, and a challenge', async (_, authorization) => {
    for (const form of [password, { grant_type: 'refresh_token', refresh_token: 'x' }]) {
      const answer = await askToken(portolan, form, authorization);
      expect(error(answer)).toEqual([401, 'invalid_client']);
      expect(answer.headers['www-authenticate']).toBe('Basic realm="portolan"');
    }
  });

  const wrong: [string, (api: { tokenId: string; token: string }, name: string) => [string, string]][] = [
    ['a wrong secret', (api) => [api.tokenId, `ptl_pat_${'A'.repeat(43)}`]],
    ['no API token', (api) => [api.tokenId, 'secret']],
    ['no secret', (api) => [api.tokenId, '']],
    ['the token of another', (api) => ['another', api.token]],
    ['the public client', (api) => ['cf', api.token]],
    ['an empty name', (api) => ['', api.token]],
    ['the name of the account in capitals', (api, name) => [name.toUpperCase(), api.token]],
  ];
  test.each(wrong)('client credentials with %s: invalid_client', async (_, attempt) => {
    const account = await serviceAccount(portolan);
    const api = await token(portolan, { ownerServiceAccountId: account.id });
    expect(error(await askByApiToken(portolan, ...attempt(api, account.name)))).toEqual([401, 'invalid_client']);
  });

  test('client credentials that are expired, revoked, or whose owner is disabled: invalid_client', async () => {
    const disabled = await serviceAccount(portolan, { disabled: true });
    const expired = await token(portolan, { expiresAt: '2020-01-01T00:00:00Z' });
    const revoked = await token(portolan);
    await portolan.sql('update api_tokens set revoked_at = now() where id = $1', [revoked.tokenId]);
    const ofDisabled = await token(portolan, { ownerServiceAccountId: disabled.id });
    for (const api of [expired, revoked, ofDisabled]) {
      expect(error(await askByApiToken(portolan, api.tokenId, api.token))).toEqual([401, 'invalid_client']);
    }
  });
});

describe('401 for a password', () => {
  test('unknown, wrong and disabled cannot be told apart', async () => {
    const known = await user(portolan);
    const disabled = await user(portolan, { disabled: true });
    const answers = await Promise.all([
      askByPassword(portolan, `${unique('nobody')}@example.com`),
      askByPassword(portolan, known.email, 'wrong password'),
      askByPassword(portolan, known.email, ''),
      askByPassword(portolan, disabled.email),
      askByPassword(portolan, 'x'.repeat(100_000), 'y'.repeat(100_000)),
    ]);
    for (const { status, body } of answers) {
      expect([status, body]).toEqual([401, { error: 'unauthorized', error_description: expect.any(String) }]);
      expect(body).toEqual(answers[0]?.body);
    }
  });

  test('failures are recorded with their reason; neither password nor token is in any table', async () => {
    const known = await user(portolan);
    await askByPassword(portolan, known.email, 'canary-password');
    await askByPassword(portolan, 'canary-address@example.com', 'canary-password');
    const { refresh, access } = await signedIn();
    const rows = await portolan.sql("select * from audit_logs where action = 'login_failed' and resource_id = $1", [known.id]);
    expect(rows).toMatchObject([{ operation_id: 'createOauthToken', success: false, error: 'wrong password', user_id: null }]);
    const kept = JSON.stringify([
      await portolan.sql('select * from audit_logs'),
      await portolan.sql('select * from events'),
      await portolan.sql("select encode(token_hash, 'escape') as hash, * from refresh_tokens"),
      await portolan.sql('select * from logins'),
    ]);
    for (const secret of ['canary', refresh, access]) expect(kept).not.toContain(secret);
  });

  test('no login is opened when the password is changed while the old one is verified', async () => {
    const { id, email } = await user(portolan);
    const hash = await hashPassword('another password');
    const release = await hold('update users set password_hash = $2 where id = $1', [id, hash]);
    const pending = askByPassword(portolan, email);
    await release();
    expect(error(await pending)).toEqual([401, 'unauthorized']);
    expect(await loginsOf(id)).toEqual([]);
  });
});

describe('401 for a refresh token', () => {
  test.each(['', 'x', `ptl_rft_${'A'.repeat(43)}`, `ptl_pat_${'A'.repeat(43)}`])('"%s" is none', async (text) => {
    expect(error(await askByRefresh(portolan, text))).toEqual(text === '' ? [400, 'invalid_request'] : [401, 'invalid_token']);
  });

  test('an access token, or a login of /api, is none', async () => {
    const { access } = await signedIn();
    for (const text of [access, portolan.adminToken]) {
      expect(error(await askByRefresh(portolan, text))).toEqual([401, 'invalid_token']);
    }
  });

  test('one that was used ends the login, with newer refresh tokens and all access tokens', async () => {
    const first = await signedIn();
    const other = (await askByPassword(portolan, first.email)).body;
    const second = (await askByRefresh(portolan, first.refresh)).body;
    const third = (await askByRefresh(portolan, second.refresh_token)).body;
    for (const bearer of [first.access, second.access_token, third.access_token]) expect((await me(bearer)).status).toBe(200);

    const again = await askByRefresh(portolan, first.refresh);
    expect(error(again)).toEqual([401, 'invalid_token']);
    for (const bearer of [first.access, second.access_token, third.access_token]) expect((await me(bearer)).status).toBe(401);
    for (const refresh of [first.refresh, second.refresh_token, third.refresh_token]) {
      expect(error(await askByRefresh(portolan, refresh))).toEqual([401, 'invalid_token']);
    }
    // Another login of the same user lives on.
    expect((await me(other.access_token)).status).toBe(200);
    expect((await askByRefresh(portolan, other.refresh_token)).status).toBe(200);
    const rows = await portolan.sql("select * from audit_logs where resource_id = $1 and action = 'login_ended'", [first.id]);
    expect(rows).toMatchObject([{ success: false, resource_name: first.email, request_id: again.headers['x-request-id'] }]);
  });

  test('that of a disabled user is refused, and good again when they are enabled', async () => {
    const { id, access, refresh } = await signedIn();
    await portolan.sql('update users set disabled = true where id = $1', [id]);
    expect(error(await askByRefresh(portolan, refresh))).toEqual([401, 'invalid_token']);
    await untilStatus(access, 401);
    await portolan.sql('update users set disabled = false where id = $1', [id]);
    expect((await askByRefresh(portolan, refresh)).status).toBe(200);
  });

  test('changing the password ends the others of that user', async () => {
    const { id, refresh, access } = await signedIn({ role: 'viewer' });
    const body = { currentPassword: userPassword, newPassword: 'another battery horse' };
    const elsewhere = (await askByPassword(portolan, (await emailOf(id)) as string)).body;
    expect((await portolan.call('changeUserPassword', { token: elsewhere.access_token, path: { id }, body })).status).toBe(200);
    expect(error(await askByRefresh(portolan, refresh))).toEqual([401, 'invalid_token']);
    expect((await me(access)).status).toBe(401);
    expect((await askByRefresh(portolan, elsewhere.refresh_token)).status).toBe(200);
  });
});

const emailOf = async (id: string) => (await portolan.sql('select email from users where id = $1', [id]))[0]?.email;

async function untilStatus(bearer: string, status: number): Promise<void> {
  for (let attempt = 0; (await me(bearer)).status !== status; attempt++) {
    if (attempt > 200) throw new Error(`no $status`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('413', () => {
  test('a body over 1 MiB', async () => {
    const body = `grant_type=password&username=a&password=${'x'.repeat(1024 * 1024)}`;
    const answer = await askToken(portolan, body);
    expect([...error(answer), answer.headers.connection]).toEqual([413, 'invalid_request', 'close']);
  });
});

describe('429', () => {
  let limited: Portolan;
  beforeAll(async () => {
    limited = await startPortolan({ RATE_LIMIT_LOGIN_ACCOUNT: '3' });
  });
  afterAll(() => limited.close());

  test('after three failures even the right password is refused, here, on /api and at another replica', async () => {
    const { email } = await user(limited);
    const another = await user(limited);
    const replica = await startReplica(limited, { RATE_LIMIT_LOGIN_ACCOUNT: '3' });
    try {
      expect((await askByPassword(limited, email, 'wrong')).status).toBe(401);
      expect((await askByPassword(replica, email.toUpperCase(), 'wrong')).status).toBe(401);
      expect((await limited.call('login', { body: { email, password: 'wrong' } })).status).toBe(401);
      const answer = await askByPassword(limited, email);
      expect(error(answer)).toEqual([429, 'too_many_requests']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(14 * 60);
      expect(answer.headers['ratelimit-limit']).toBe('3');
      expect((await askByPassword(replica, email)).status).toBe(429);
      expect((await limited.call('login', { body: { email, password: userPassword } })).status).toBe(429);
      expect((await askByPassword(limited, another.email)).status).toBe(200);
    } finally {
      await replica.close();
    }
  });

  test('successes are not counted, also not many at a time by client credentials', async () => {
    const { email } = await user(limited);
    for (let attempt = 0; attempt < 6; attempt++) expect((await askByPassword(limited, email)).status).toBe(200);
    const api = await token(limited);
    const answers = await Promise.all(Array.from({ length: 12 }, () => askByApiToken(limited, api.tokenId, api.token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
  });

  test('wrong client secrets are counted by client', async () => {
    const account = await serviceAccount(limited);
    const wrong = () => askByApiToken(limited, account.name, 'wrong');
    for (let attempt = 0; attempt < 3; attempt++) expect(error(await wrong())).toEqual([401, 'invalid_client']);
    expect(error(await wrong())).toEqual([429, 'too_many_requests']);
  });
});
