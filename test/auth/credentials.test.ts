import { environment, loginOf, serviceAccount, token, user } from '../support/fixtures';
import { type Answered, type Portolan, startPortolan, startReplica } from '../support/portolan';

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

const send = (authorization: string | undefined, on = portolan) =>
  on.send('GET', '/api/auth/me', { token: null, headers: authorization === undefined ? {} : { authorization } });
const me = (bearer: string, on = portolan) => on.call('getCurrentPrincipal', { token: bearer });
const expectRefused = (answer: Answered, message: string | RegExp) => {
  expect([answer.status, answer.body.code, answer.headers['www-authenticate']]).toEqual([401, 'UNAUTHORIZED', 'Bearer']);
  expect(answer.body.message).toMatch(message);
};
const soon = () => new Date(Date.now() + 1500).toISOString();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the Authorization header', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('takes the scheme as %s', async (scheme) => {
    const api = await token(portolan);
    expect((await send(`${scheme} ${api.token}`)).status).toBe(200);
  });

  test('must be there', async () => {
    expectRefused(await send(undefined), 'carries no credential');
  });

  test.each(['Basic YTpi', 'Bearer', 'ptl_pat_x', 'Bearer a b', 'Bearer, x'])('%s is malformed', async (header) => {
    expectRefused(await send(header), 'is not "Bearer <token>"');
  });

  test('one token in two headers is no token', async () => {
    const api = await token(portolan);
    expect((await send(`Bearer ${api.token}, Bearer ${api.token}`)).status).toBe(401);
  });
});

describe('an API token', () => {
  test.each([
    ['cut short', (text: string) => text.slice(0, -1)],
    ['too long', (text: string) => `${text}A`],
    ['changed in one letter', (text: string) => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A')],
    ['in other letter case', (text: string) => text.toUpperCase()],
    ['without its beginning', (text: string) => text.slice(8)],
  ])('%s is unknown', async (_, change) => {
    const api = await token(portolan);
    expectRefused(await me(change(api.token)), 'unknown');
    expect((await me(api.token)).status).toBe(200);
  });

  test('that has expired is told so', async () => {
    const api = await token(portolan, { expiresAt: '2020-01-01T00:00:00Z' });
    expectRefused(await me(api.token), 'has expired');
  });

  test('expires also while it is remembered', async () => {
    const api = await token(portolan, { expiresAt: soon() });
    expect((await me(api.token)).status).toBe(200);
    await pause(1600);
    expectRefused(await me(api.token), 'has expired');
  });

  test('that is marked as revoked is unknown', async () => {
    const api = await token(portolan);
    await portolan.sql('update api_tokens set revoked_at = now() where id = $1', [api.tokenId]);
    expectRefused(await me(api.token), 'unknown');
  });

  test('of a disabled user, and of a disabled service account, is refused', async () => {
    const person = await user(portolan, { disabled: true });
    const account = await serviceAccount(portolan, { disabled: true });
    expectRefused(await me((await token(portolan, { ownerUserId: person.id })).token), 'is disabled');
    expectRefused(await me((await token(portolan, { ownerServiceAccountId: account.id })).token), 'is disabled');
  });

  test('counts its uses at most once a minute, outside of requests', async () => {
    const api = await token(portolan);
    await me(api.token);
    await portolan.context.authenticator.flush();
    const used = () => portolan.sql('select last_used_at from api_tokens where id = $1', [api.tokenId]);
    const [first] = await used();
    expect(Date.now() - Date.parse(first.last_used_at)).toBeLessThan(30_000);
    await pause(10);
    await me(api.token);
    await portolan.context.authenticator.flush();
    expect(await used()).toEqual([first]);
    const [owner] = await portolan.sql('select last_active_at from users where id = $1', [api.userId]);
    expect(owner.last_active_at).not.toBeNull();
  });
});

describe('a login', () => {
  test.each([
    ['cut short', (text: string) => text.slice(0, -2)],
    ['with other claims', (text: string) => text.replace(/\.[^.]+\./, `.${Buffer.from('{"sid":"x"}').toString('base64url')}.`)],
    ['without signature', (text: string) => text.replace(/[^.]+$/, '')],
    [
      'that says it needs no signature',
      (text: string) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${text.split('.')[1]}.`,
    ],
    ['of two parts', (text: string) => text.split('.').slice(0, 2).join('.')],
  ])('%s is unknown', async (_, change) => {
    const bearer = await loginOf(portolan, await user(portolan));
    expectRefused(await me(change(bearer)), 'unknown');
    expect((await me(bearer)).status).toBe(200);
  });

  test('that has expired is told so, by its own claim and by its row', async () => {
    const person = await user(portolan);
    const past = new Date(Date.now() - 10_000);
    const sign = (id: string, expiresAt: Date) =>
      portolan.context.loginTokens.sign({ id, userId: person.id, issuedAt: past, expiresAt });
    await loginOf(portolan, person);
    const [row] = await portolan.sql('select id from logins where user_id = $1', [person.id]);
    expectRefused(await me(await sign(row.id, new Date(Date.now() - 5000))), 'has expired');
    await portolan.sql("update logins set expires_at = now() - interval '1 second' where id = $1", [row.id]);
    expectRefused(await me(await sign(row.id, new Date(Date.now() + 60_000))), 'has expired');
  });

  test('of another installation is unknown', async () => {
    const stranger = await startPortolan();
    try {
      expectRefused(await me(stranger.adminToken), 'unknown');
    } finally {
      await stranger.close();
    }
  });

  test('made here works at another replica', async () => {
    const bearer = await loginOf(portolan, await user(portolan));
    expect((await me(bearer, replica)).status).toBe(200);
  });
});

/** Changes at one replica; each is seen at once there, and at the other one as soon as it hears of it. */
describe('a change acts at once, also on remembered credentials:', () => {
  const everywhere = async (bearer: string, seen: (answer: Answered) => boolean) => {
    expect(seen(await me(bearer))).toBe(true);
    const started = Date.now();
    while (!seen(await me(bearer, replica))) {
      if (Date.now() - started > 2000) throw new Error('the other replica still trusts its memory');
      await pause(5);
    }
  };
  const remember = async (bearer: string) => {
    for (const on of [portolan, replica]) expect((await me(bearer, on)).status).toBe(200);
  };
  const refused = (answer: Answered) => answer.status === 401;
  const hasRole = (role: string) => (answer: Answered) => answer.status === 200 && answer.body.role === role;

  test('a token is deleted', async () => {
    const api = await token(portolan);
    await remember(api.token);
    await portolan.call('deleteApiToken', { path: { tokenId: api.tokenId } });
    await everywhere(api.token, refused);
  });

  test('a login ends', async () => {
    const bearer = await loginOf(portolan, await user(portolan));
    await remember(bearer);
    await portolan.call('logout', { token: bearer });
    await everywhere(bearer, refused);
  });

  test('a user gets a weaker role', async () => {
    const person = await user(portolan, { role: 'operator' });
    const bearers = [
      await loginOf(portolan, person),
      (await token(portolan, { ownerUserId: person.id, role: 'operator' })).token,
    ];
    for (const bearer of bearers) await remember(bearer);
    await portolan.call('updateUser', { path: { id: person.id }, body: { role: 'viewer' } });
    for (const bearer of bearers) await everywhere(bearer, hasRole('viewer'));
  });

  test('a user is disabled, and enabled again', async () => {
    const person = await user(portolan);
    const bearers = [await loginOf(portolan, person), (await token(portolan, { ownerUserId: person.id, role: 'viewer' })).token];
    for (const bearer of bearers) await remember(bearer);
    await portolan.call('updateUser', { path: { id: person.id }, body: { disabled: true } });
    for (const bearer of bearers) await everywhere(bearer, refused);
    await portolan.call('updateUser', { path: { id: person.id }, body: { disabled: false } });
    for (const bearer of bearers) await everywhere(bearer, (answer) => answer.status === 200);
  });

  test('a user is deleted', async () => {
    const person = await user(portolan);
    const bearers = [await loginOf(portolan, person), (await token(portolan, { ownerUserId: person.id, role: 'viewer' })).token];
    for (const bearer of bearers) await remember(bearer);
    await portolan.call('deleteUser', { path: { id: person.id } });
    for (const bearer of bearers) await everywhere(bearer, refused);
  });

  test('a password is changed', async () => {
    const person = await user(portolan);
    const bearer = await loginOf(portolan, person);
    await remember(bearer);
    await portolan.call('changeUserPassword', { path: { id: person.id }, body: { newPassword: 'another password' } });
    await everywhere(bearer, refused);
  });

  test('a service account gets a weaker role, is disabled, is deleted', async () => {
    const account = await serviceAccount(portolan, { role: 'admin' });
    const { token: bearer } = await token(portolan, { ownerServiceAccountId: account.id });
    const update = (body: object) => portolan.call('updateServiceAccount', { path: { id: account.id }, body });
    await remember(bearer);
    await update({ role: 'viewer' });
    await everywhere(bearer, hasRole('viewer'));
    await update({ disabled: true });
    await everywhere(bearer, refused);
    await update({ disabled: false });
    await everywhere(bearer, hasRole('viewer'));
    await portolan.call('deleteServiceAccount', { path: { id: account.id } });
    await everywhere(bearer, refused);
  });

  test('an environment of a token is deleted', async () => {
    const envId = await environment(portolan);
    const { token: bearer } = await token(portolan, { environments: [envId] });
    await remember(bearer);
    await portolan.sql('delete from environments where id = $1', [envId]);
    await everywhereSoon(bearer, (answer) => answer.body.environments.length === 0);
  });

  /** For a change that reaches both by notification only. */
  const everywhereSoon = async (bearer: string, seen: (answer: Answered) => boolean) => {
    for (const on of [portolan, replica]) {
      const started = Date.now();
      while (!seen(await me(bearer, on))) {
        if (Date.now() - started > 2000) throw new Error('a replica still trusts its memory');
        await pause(5);
      }
    }
  };
});

test('a replica that does not hear of changes remembers nothing', async () => {
  const api = await token(portolan);
  const [listener] = await replica.sql(
    "select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name like 'portolan keys %'",
  );
  expect(listener.n).toBe(2);
  expect((await me(api.token, replica)).status).toBe(200);
  const deaf = replica.context.database.pool;
  await deaf.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'portolan keys %'",
  );
  await pause(50);
  await portolan.sql('delete from api_tokens where id = $1', [api.tokenId]);
  expect((await me(api.token, replica)).status).toBe(401);
});

describe('the replica that changes something waits for no notification:', () => {
  let deaf: Portolan;
  beforeAll(async () => {
    deaf = await startPortolan();
    await deaf.sql('drop function notify_credentials_changed cascade');
  });
  afterAll(() => deaf.close());

  const person = async () => {
    const { id, email } = await user(deaf, { role: 'operator' });
    return { id, bearer: await loginOf(deaf, { email }) };
  };
  const account = async () => {
    const { id } = await serviceAccount(deaf);
    return { id, bearer: (await token(deaf, { ownerServiceAccountId: id, role: 'operator' })).token };
  };
  const api = async () => {
    const { tokenId: id, token: bearer } = await token(deaf, { role: 'operator' });
    return { id, bearer };
  };

  test.each([
    ['logout', person, (_: string, bearer: string) => deaf.call('logout', { token: bearer })],
    ['deleteApiToken', api, (tokenId: string) => deaf.call('deleteApiToken', { path: { tokenId } })],
    [
      'deleteMyApiToken',
      api,
      (tokenId: string, bearer: string) => deaf.call('deleteMyApiToken', { path: { tokenId }, token: bearer }),
    ],
    ['updateUser', person, (id: string) => deaf.call('updateUser', { path: { id }, body: { role: 'viewer' } })],
    ['deleteUser', person, (id: string) => deaf.call('deleteUser', { path: { id } })],
    [
      'changeUserPassword',
      person,
      (id: string) => deaf.call('changeUserPassword', { path: { id }, body: { newPassword: 'another password' } }),
    ],
    [
      'updateServiceAccount',
      account,
      (id: string) => deaf.call('updateServiceAccount', { path: { id }, body: { disabled: true } }),
    ],
    ['deleteServiceAccount', account, (id: string) => deaf.call('deleteServiceAccount', { path: { id } })],
  ] as const)('%s', async (_, make, act) => {
    const { id, bearer } = await make();
    expect((await me(bearer, deaf)).body.role).toBe('operator');
    expect((await act(id, bearer)).status).toBeLessThan(300);
    expect((await me(bearer, deaf)).body.role).not.toBe('operator');
  });
});
