import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { clientAddress, trustedProxies } from '../../src/http/clientAddress';
import { token, unique } from '../support/fixtures';
import { type Answered, type Call, type Portolan, startPortolan } from '../support/portolan';

const running: Portolan[] = [];
async function start(variables: Record<string, string>, databaseUrl?: string): Promise<Portolan> {
  const portolan = await startPortolan(variables, databaseUrl ? { databaseUrl } : {});
  running.push(portolan);
  return portolan;
}
afterEach(async () => {
  for (const portolan of running.splice(0).reverse()) await portolan.close();
});

const remaining = ({ headers }: Answered) => Number(headers['ratelimit-remaining']);
const me = (portolan: Portolan, call: Call) => portolan.call('getCurrentPrincipal', call);
const logIn = (portolan: Portolan, email: string, password: string, headers: Record<string, string> = {}) =>
  portolan.call('login', { body: { email, password }, headers });
const admin = ['admin@portolan.local', 'correct horse battery staple'] as const;

describe('of a principal', () => {
  test('count down to nothing, then refuse; the bucket belongs to the owner of the tokens', async () => {
    const portolan = await start({ RATE_LIMIT_PRINCIPAL: '4' });
    const one = await token(portolan);
    const seen = [];
    for (let i = 0; i < 6; i++) seen.push(await me(portolan, { token: one.token }));
    expect(seen.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429, 429]);
    expect(seen.map(remaining)).toEqual([3, 2, 1, 0, 0, 0]);
    for (const { headers } of seen) {
      expect(headers['ratelimit-limit']).toBe('4');
      expect(Number(headers['ratelimit-reset'])).toBeGreaterThan(50);
      expect(Number(headers['ratelimit-reset'])).toBeLessThanOrEqual(60);
    }
    expect(Number(seen[4]?.headers['retry-after'])).toBe(Number(seen[4]?.headers['ratelimit-reset']));

    const second = await token(portolan);
    await portolan.sql('update api_tokens set user_id = $1 where id = $2', [one.userId, second.tokenId]);
    expect((await me(portolan, { token: second.token })).status).toBe(429);
    expect((await me(portolan, { token: (await token(portolan)).token })).status).toBe(200);
  });

  test('count what is refused by role or by input too', async () => {
    const portolan = await start({ RATE_LIMIT_PRINCIPAL: '3' });
    const { token: viewer } = await token(portolan, { role: 'viewer' });
    const path = { id: '01920000-0000-7000-8000-000000000000' };
    expect((await portolan.call('deleteRegistry', { path, token: viewer })).status).toBe(403);
    expect((await portolan.call('getRegistry', { path, token: viewer })).status).toBe(404);
    expect((await me(portolan, { token: viewer, query: { zz: 1 } })).status).toBe(400);
    expect((await me(portolan, { token: viewer })).status).toBe(429);
  });

  test('are not touched by others at the same address', async () => {
    const portolan = await start({ RATE_LIMIT_ADDRESS: '2' });
    for (let i = 0; i < 5; i++) await me(portolan, { token: null });
    expect((await me(portolan, { token: null })).status).toBe(429);
    expect((await me(portolan, {})).status).toBe(200);
  });
});

describe('of an address', () => {
  test('count missing, bad and expired credentials, and public pages, together', async () => {
    const portolan = await start({ RATE_LIMIT_ADDRESS: '6' });
    const expired = await token(portolan, { expiresAt: '2020-01-01T00:00:00Z' });
    // Signing in took one.
    const answers = [
      await me(portolan, { token: null }),
      await me(portolan, { token: 'x' }),
      await me(portolan, { token: expired.token }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(answers.map(remaining)).toEqual([4, 3, 2]);
    expect(remaining(await portolan.call('getApiDocs'))).toBe(1);
    expect(remaining(await me(portolan, { token: `ptl_pat_${'a'.repeat(43)}` }))).toBe(0);
    expect((await me(portolan, { token: null })).status).toBe(429);
    expect((await portolan.call('getApiDocs')).status).toBe(429);
    expect((await portolan.call('getHealth')).status).toBe(200);
  });

  test('are those of the connection, whatever X-Forwarded-For says', async () => {
    const portolan = await start({ RATE_LIMIT_ADDRESS: '3' });
    for (let i = 0; i < 2; i++) await me(portolan, { token: null, headers: { 'x-forwarded-for': `203.0.113.${i}` } });
    expect((await me(portolan, { token: null, headers: { 'x-forwarded-for': '203.0.113.9' } })).status).toBe(429);
  });

  test('are those that a trusted proxy names', async () => {
    const portolan = await start({ RATE_LIMIT_ADDRESS: '2', TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.0/8' });
    const from = (chain: string) => me(portolan, { token: null, headers: { 'x-forwarded-for': chain } });
    expect([(await from('203.0.113.1')).status, (await from('203.0.113.1')).status, (await from('203.0.113.1')).status]).toEqual([
      401, 401, 429,
    ]);
    expect((await from('203.0.113.2')).status).toBe(401);
    // What the client itself wrote in front does not count, another trusted proxy does.
    expect((await from('198.51.100.7, 203.0.113.1')).status).toBe(429);
    expect((await from('203.0.113.1, 10.1.2.3')).status).toBe(429);
    expect((await from('203.0.113.1, 8.8.8.8')).status).toBe(401);
  });
});

describe('of logins', () => {
  test('an account is one however its address is written, by all that the database takes for one', async () => {
    const portolan = await start({ RATE_LIMIT_LOGIN_ACCOUNT: '2', RATE_LIMIT_LOGIN_ADDRESS: '100' });
    const written = ['admin@portolan.local', 'ADM\u0130N@portolan.local', 'adm\u0130n@PORTOLAN.local', 'Admin@portolan.local'];
    const statuses = [];
    for (const email of written) statuses.push((await logIn(portolan, email, 'wrong password')).status);
    expect(statuses).toEqual([401, 401, 429, 429]);
  });

  test('refuse an account after its failures, in any letter case and with the right password too', async () => {
    const portolan = await start({ RATE_LIMIT_LOGIN_ACCOUNT: '3' });
    for (let i = 0; i < 3; i++) expect((await logIn(portolan, admin[0], 'wrong')).status).toBe(401);
    const refused = await logIn(portolan, admin[0].toUpperCase(), admin[1]);
    expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(60);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(900);
    expect(refused.headers['ratelimit-limit']).toBe('3');
    expect((await logIn(portolan, 'another@example.com', 'wrong')).status).toBe(401);
  });

  test('refuse an address after its failures, whatever the accounts', async () => {
    const portolan = await start({ RATE_LIMIT_LOGIN_ADDRESS: '3' });
    for (let i = 0; i < 3; i++) expect((await logIn(portolan, `${unique('nobody')}@example.com`, 'wrong')).status).toBe(401);
    const refused = await logIn(portolan, ...admin);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
  });

  test('count failures only', async () => {
    const portolan = await start({ RATE_LIMIT_LOGIN_ACCOUNT: '2', RATE_LIMIT_LOGIN_ADDRESS: '2' });
    for (let i = 0; i < 5; i++) expect((await logIn(portolan, ...admin)).status).toBe(200);
    expect((await logIn(portolan, admin[0], 'wrong')).status).toBe(401);
    expect((await logIn(portolan, ...admin)).status).toBe(200);
  });

  test('hold when many try at once', async () => {
    const portolan = await start({ RATE_LIMIT_LOGIN_ACCOUNT: '5' });
    const answers = await Promise.all(Array.from({ length: 30 }, () => logIn(portolan, 'victim@example.com', 'guess')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(25);
  });

  test('do not count what is no attempt', async () => {
    const portolan = await start({ RATE_LIMIT_LOGIN_ADDRESS: '2' });
    for (let i = 0; i < 4; i++) expect((await portolan.call('login', { body: { email: 'x' } })).status).toBe(400);
    expect((await logIn(portolan, ...admin)).status).toBe(200);
  });
});

describe('of two services on one database', () => {
  test('are one: principals within a second or two, logins at once', async () => {
    const limits = { RATE_LIMIT_PRINCIPAL: '20', RATE_LIMIT_LOGIN_ACCOUNT: '3' };
    const first = await start(limits);
    const second = await start(limits, first.databaseUrl);
    const { token: bearer } = await token(first);
    for (let i = 0; i < 15; i++) await me(first, { token: bearer });
    await delay(1300);
    expect(remaining(await me(second, { token: bearer }))).toBe(19);
    await delay(1300);
    expect(remaining(await me(second, { token: bearer }))).toBeLessThanOrEqual(3);
    for (let i = 0; i < 3; i++) await me(second, { token: bearer });
    expect((await me(second, { token: bearer })).status).toBe(429);
    await me(first, { token: bearer });
    await delay(1300);
    expect((await me(first, { token: bearer })).status).toBe(429);

    for (const portolan of [first, second, first]) expect((await logIn(portolan, 'victim@example.com', 'x')).status).toBe(401);
    expect((await logIn(second, 'victim@example.com', 'x')).status).toBe(429);
  });
});

describe('the address', () => {
  const trusted = trustedProxies(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1']);

  test.each([
    ['203.0.113.9', undefined, '203.0.113.9'],
    ['203.0.113.9', '1.1.1.1', '203.0.113.9'],
    ['::ffff:203.0.113.9', undefined, '203.0.113.9'],
    ['10.1.1.1', undefined, '10.1.1.1'],
    ['10.1.1.1', '', '10.1.1.1'],
    ['10.1.1.1', '1.1.1.1', '1.1.1.1'],
    ['::ffff:10.1.1.1', '1.1.1.1', '1.1.1.1'],
    ['10.1.1.1', '9.9.9.9, 1.1.1.1', '1.1.1.1'],
    ['10.1.1.1', '1.1.1.1, 192.0.2.7,10.9.9.9', '1.1.1.1'],
    ['10.1.1.1', '10.2.2.2, 10.3.3.3', '10.2.2.2'],
    ['10.1.1.1', 'garbage', '10.1.1.1'],
    ['10.1.1.1', '1.1.1.1, garbage', '10.1.1.1'],
    ['10.1.1.1', '1.1.1.1:8080', '10.1.1.1'],
    ['2001:db8::1', '2a00::1', '2a00::1'],
    ['::1', '::ffff:1.1.1.1', '1.1.1.1'],
    [undefined, '1.1.1.1', 'unknown'],
  ])('of a connection from %s with X-Forwarded-For %j is %s', (connection, header, address) => {
    expect(clientAddress(connection, header, trusted)).toBe(address);
  });

  test('of a header that stands twice is read as one list', () => {
    expect(clientAddress('10.1.1.1', ['9.9.9.9', '1.1.1.1'], trusted)).toBe('1.1.1.1');
  });

  test('is never one that an untrusted connection chose', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.string(), (connection, header) => {
        fc.pre(!trusted(connection));
        expect(clientAddress(connection, header, trusted)).toBe(connection);
      }),
    );
  });

  test('behind a trusted proxy is the last one that no trusted proxy has', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.ipV4(),
        fc.array(fc.constantFrom('10.0.0.1', '192.0.2.7', '10.255.1.2')),
        (before, client, proxies) => {
          fc.pre(!trusted(client));
          const header = [...before.map((text) => text.replace(/,/g, '')), client, ...proxies].join(', ');
          expect(clientAddress('10.1.1.1', header, trusted)).toBe(client);
        },
      ),
    );
  });
});
