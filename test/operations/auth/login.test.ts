import { createPublicKey, verify } from 'node:crypto';
import { Client } from 'pg';
import { hashPassword } from '../../../src/auth/passwords';
import { adminEmail, adminPassword } from '../../support/config';
import { unique, user, userPassword } from '../../support/fixtures';
import { type Portolan, startPortolan, startReplica } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan({ LOGIN_TTL: '2h' });
});
afterAll(() => portolan.close());

const login = (email: string, password: string = userPassword, on = portolan) => on.call('login', { body: { email, password } });
const auditOf = (userId: string | null) =>
  portolan.sql("select * from audit_logs where resource_type = 'login' and resource_id is not distinct from $1 order by id", [userId]);

describe('200', () => {
  test('the token works, and names its user and its end', async () => {
    const { id, email } = await user(portolan, { role: 'operator', name: 'Ada' });
    const before = Date.now();
    const answer = await login(email);
    expect(answer.status).toBe(200);
    expect(answer.body.user).toEqual({ id, email, name: 'Ada', role: 'operator' });
    const life = Date.parse(answer.body.expiresAt) - before;
    expect(life).toBeGreaterThanOrEqual(2 * 3_600_000);
    expect(life).toBeLessThan(2 * 3_600_000 + 30_000);
    expect(answer.headers['cache-control']).toBe('no-store');
    const me = await portolan.call('getCurrentPrincipal', { token: answer.body.token });
    expect(me.body.user.id).toBe(id);
  });

  test('the administrator of the first start signs in', async () => {
    expect((await login(adminEmail, adminPassword)).body.user.role).toBe('admin');
  });

  test('the address is taken in any letter case', async () => {
    const { id, email } = await user(portolan, { email: `${unique('Ada')}@Example.com` });
    expect((await login(email.toUpperCase())).body.user).toMatchObject({ id, email });
  });

  test('the token is a JWT, signed with ES256 by a key that its header names', async () => {
    const { id, email } = await user(portolan);
    const { token, expiresAt } = (await login(email)).body;
    const [head, claims, signature] = token.split('.') as [string, string, string];
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(read(head)).toEqual({ alg: 'ES256', kid: expect.any(String), typ: 'JWT' });
    expect(read(claims)).toEqual({
      sub: id,
      sid: expect.any(String),
      iss: 'portolan',
      aud: 'portolan',
      iat: expect.any(Number),
      exp: Math.floor(Date.parse(expiresAt) / 1000),
    });
    const [key] = await portolan.sql('select public_jwk from signing_keys where id = $1', [read(head).kid]);
    const publicKey = createPublicKey({ key: key.public_jwk, format: 'jwk' });
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  test('two logins of one user live side by side', async () => {
    const { email } = await user(portolan);
    const [one, two] = [(await login(email)).body.token, (await login(email)).body.token];
    expect(one).not.toBe(two);
    for (const token of [one, two]) expect((await portolan.call('getCurrentPrincipal', { token })).status).toBe(200);
  });

  test('the audit row names the user', async () => {
    const { id, email } = await user(portolan, { name: 'Ada' });
    const answer = await login(email);
    expect(await auditOf(id)).toMatchObject([
      {
        action: 'login',
        success: true,
        operation_id: 'login',
        resource_name: email,
        user_id: id,
        user_email: email,
        user_name: 'Ada',
        request_id: answer.headers['x-request-id'],
      },
    ]);
  });
});

describe('400', () => {
  test.each([
    [{ password: 'x' }, 'email', 'required'],
    [{ email: 'a@b' }, 'password', 'required'],
    [{ email: '', password: 'x' }, 'email', 'minLength'],
    [{ email: 'a@b', password: '' }, 'password', 'minLength'],
    [{ email: 'a@b', password: 'x'.repeat(129) }, 'password', 'maxLength'],
    [{ email: 'a@b', password: 1 }, 'password', 'type'],
    [{ email: 'a@b', pasword: 'x' }, 'pasword', 'unknown_member'],
    [undefined, '', 'required'],
  ])('%j', async (body, field, code) => {
    const answer = await portolan.call('login', { body });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
  });
});

describe('401', () => {
  test('unknown, wrong and disabled cannot be told apart', async () => {
    const known = await user(portolan);
    const disabled = await user(portolan, { disabled: true });
    const answers = await Promise.all([
      login(`${unique('nobody')}@example.com`),
      login(known.email, 'wrong password'),
      login(disabled.email),
      login(disabled.email, 'wrong password'),
    ]);
    const faces = answers.map(({ status, headers, body }) => ({
      status,
      body: { ...body, requestId: null },
      headers: Object.keys(headers).filter((name) => !name.startsWith('ratelimit')),
      scheme: headers['www-authenticate'],
    }));
    expect(faces[0]).toMatchObject({ status: 401, scheme: 'Bearer', body: { code: 'UNAUTHORIZED' } });
    for (const face of faces) expect(face).toEqual(faces[0]);
  });

  test('an unknown address takes as long as a wrong password', async () => {
    const known = await user(portolan);
    const disabled = await user(portolan, { disabled: true });
    const times = { unknown: [] as number[], wrong: [] as number[], disabled: [] as number[] };
    const timed = async (into: number[], email: string, password?: string) => {
      const started = performance.now();
      expect((await login(email, password)).status).toBe(401);
      into.push(performance.now() - started);
    };
    for (let round = 0; round < 15; round++) {
      await timed(times.unknown, `${unique('nobody')}@example.com`);
      await timed(times.wrong, known.email, 'wrong password');
      await timed(times.disabled, disabled.email);
    }
    // Verifying a password is most of the time; without it an answer comes in a tenth.
    const median = (values: number[]) => values.sort((a, b) => a - b)[7] as number;
    expect(median(times.unknown)).toBeGreaterThan(median(times.wrong) / 2);
    expect(median(times.wrong)).toBeGreaterThan(median(times.unknown) / 2);
    expect(median(times.disabled)).toBeGreaterThan(median(times.wrong) / 2);
  });

  test('failures are recorded with their reason, but neither password nor unknown address', async () => {
    const known = await user(portolan);
    const disabled = await user(portolan, { disabled: true });
    await login(known.email, 'canary-password');
    await login(disabled.email, 'canary-password');
    await login('canary-address@example.com', 'canary-password');
    expect(await auditOf(known.id)).toMatchObject([
      { action: 'login_failed', success: false, error: 'wrong password', resource_name: known.email, user_id: null },
    ]);
    expect(await auditOf(disabled.id)).toMatchObject([{ action: 'login_failed', success: false, error: 'disabled' }]);
    const unknown = await auditOf(null);
    expect(unknown[unknown.length - 1]).toMatchObject({ action: 'login_failed', error: 'unknown address', resource_name: null });
    expect(JSON.stringify(await portolan.sql('select * from audit_logs'))).not.toContain('canary');
  });

  test.each([
    ['the password is changed', 'update users set password_hash = $2 where id = $1'],
    ['the user is disabled', 'update users set disabled = $2::text is not null where id = $1'],
    ['the user is deleted', 'delete from users where id = $1 and $2::text is not null'],
  ])('no login is opened when %s while the old password is verified', async (_, change) => {
    const { id, email } = await user(portolan);
    const other = new Client({ connectionString: portolan.databaseUrl });
    await other.connect();
    try {
      await other.query('begin');
      await other.query(change, [id, await hashPassword('another password')]);
      const pending = login(email);
      await expectSomebodyWaits();
      await other.query('commit');
      expect((await pending).status).toBe(401);
      expect(await portolan.sql('select id from logins where user_id = $1', [id])).toEqual([]);
    } finally {
      await other.end();
    }
  });
});

async function expectSomebodyWaits(): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const waiting = await portolan.sql(
      "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (waiting.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('nobody waited for the row');
}

describe('429', () => {
  let limited: Portolan;
  beforeAll(async () => {
    limited = await startPortolan({ RATE_LIMIT_LOGIN_ACCOUNT: '3' });
  });
  afterAll(() => limited.close());
  const fail = (email: string, on = limited) => login(email, 'wrong password', on);

  test('after three failures even the right password is refused, for this account only', async () => {
    const { email } = await user(limited);
    const another = await user(limited);
    for (let attempt = 0; attempt < 3; attempt++) expect((await fail(email)).status).toBe(401);
    const answer = await login(email, userPassword, limited);
    expect([answer.status, answer.body.code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(14 * 60);
    expect(answer.headers['ratelimit-limit']).toBe('3');
    expect(answer.headers['ratelimit-remaining']).toBe('0');
    expect((await login(another.email, userPassword, limited)).status).toBe(200);
  });

  test('the letter case of the account makes no second bucket, and neither does another replica', async () => {
    const { email } = await user(limited);
    const replica = await startReplica(limited, { RATE_LIMIT_LOGIN_ACCOUNT: '3' });
    try {
      await fail(email);
      await fail(email.toUpperCase());
      await fail(email, replica);
      expect((await fail(email)).status).toBe(429);
      expect((await fail(email, replica)).status).toBe(429);
    } finally {
      await replica.close();
    }
  });

  test('an unknown account has a bucket like any other', async () => {
    const email = `${unique('nobody')}@example.com`;
    for (let attempt = 0; attempt < 3; attempt++) expect((await fail(email)).status).toBe(401);
    expect((await fail(email)).status).toBe(429);
  });

  test('successes are not counted', async () => {
    const { email } = await user(limited);
    for (let attempt = 0; attempt < 8; attempt++) expect((await login(email, userPassword, limited)).status).toBe(200);
    for (let attempt = 0; attempt < 3; attempt++) expect((await fail(email)).status).toBe(401);
  });

  test('an address has a bucket over all accounts, apart from that of other requests', async () => {
    const byAddress = await startPortolan({ RATE_LIMIT_LOGIN_ADDRESS: '4' });
    try {
      for (let attempt = 0; attempt < 4; attempt++) {
        expect((await fail(`${unique('nobody')}@example.com`, byAddress)).status).toBe(401);
      }
      const answer = await login(adminEmail, adminPassword, byAddress);
      expect(answer.status).toBe(429);
      expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
      expect((await byAddress.call('getCurrentPrincipal')).status).toBe(200);
      expect((await byAddress.call('getCurrentPrincipal', { token: 'x' })).status).toBe(401);
    } finally {
      await byAddress.close();
    }
  });
});
