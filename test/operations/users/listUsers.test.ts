import { token, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { walkPages } from '../../support/walkPages';

let portolan: Portolan;
let asReader: string;
beforeAll(async () => {
  portolan = await startPortolan();
  await portolan.sql("update users set last_active_at = null, created_at = '2020-01-01T00:00:00Z'");
  const make = async (email: string, wishes: object, activeMinutesAgo: number | null) => {
    const { id } = await user(portolan, { email, ...wishes });
    const at = activeMinutesAgo === null ? null : new Date(Date.now() - activeMinutesAgo * 60_000).toISOString();
    await portolan.sql('update users set last_active_at = $2 where id = $1', [id, at]);
  };
  await make('bob@example.com', { role: 'operator', name: 'Bob 100%' }, 5);
  await make('Ada@example.com', { role: 'viewer', name: 'Ada' }, 90);
  await make('eve@example.org', { role: 'viewer', disabled: true }, null);
  await make('carol@example.com', { role: 'operator', name: 'Carol', disabled: true }, 1500);
  // The reader is a service account’s token, so that reading moves nobody’s last time.
  const [account] = await portolan.sql("insert into service_accounts (id, name, role) values (gen_random_uuid(), 'reader', 'admin') returning id");
  asReader = (await token(portolan, { ownerServiceAccountId: account.id })).token;
});
afterAll(() => portolan.close());

const list = (query: Record<string, string | number | boolean> | string = {}) => portolan.call('listUsers', { query, token: asReader });
const short = (email: string) => email.split('@')[0];
const emails = (answer: { body: { users: { email: string }[] } }) => answer.body.users.map(({ email }) => short(email));

describe('200', () => {
  test('newest first, without hashes', async () => {
    const answer = await list();
    expect(emails(answer)).toEqual(['carol', 'eve', 'Ada', 'bob', 'admin']);
    expect([answer.body.total, answer.body.nextCursor]).toEqual([5, null]);
    expect(answer.text).not.toMatch(/argon2|hash|password/i);
    const first = answer.body.users[0];
    expect((await portolan.call('getUser', { path: { id: first.id } })).body.user).toEqual(first);
  });

  test.each([
    ['role=operator', ['carol', 'bob']],
    ['role=operator,admin', ['carol', 'bob', 'admin']],
    ['disabled=true', ['carol', 'eve']],
    ['disabled=false', ['Ada', 'bob', 'admin']],
    ['activeWithinMinutes=60', ['bob']],
    ['activeWithinMinutes=120', ['Ada', 'bob']],
    ['activeWithinMinutes=5256000', ['carol', 'Ada', 'bob']],
    ['q=EXAMPLE.ORG', ['eve']],
    ['q=ada', ['Ada']],
    ['q=100%25', ['bob']],
    ['q=_', []],
    ['role=operator&disabled=false', ['bob']],
    ['role=viewer,operator&disabled=true&q=carol', ['carol']],
    ['activeWithinMinutes=120&role=viewer', ['Ada']],
  ])('%s', async (query, expected) => {
    const answer = await list(query);
    expect(emails(answer)).toEqual(expected);
    expect(answer.body.total).toBe(expected.length);
  });

  test.each([
    ['createdAt', ['admin', 'bob', 'Ada', 'eve', 'carol']],
    ['email', ['Ada', 'admin', 'bob', 'carol', 'eve']],
    ['lastActiveAt,email', ['admin', 'eve', 'carol', 'Ada', 'bob']],
  ])('sort by %s, in both directions', async (sort, expected) => {
    expect(emails(await list({ sort }))).toEqual(expected);
    const backwards = sort.replace(/^|,/g, (sign) => `${sign}-`);
    expect(emails(await list({ sort: backwards }))).toEqual([...expected].reverse());
  });

  test.each(['-createdAt', 'email', 'lastActiveAt', '-lastActiveAt', 'lastActiveAt,-email'])('pages by cursor to the end, sorted by %s', async (sort) => {
    const whole = emails(await list({ sort }));
    for (const limit of [1, 2]) {
      const walked = await walkPages(portolan, 'listUsers', 'users', limit, { query: { sort }, token: asReader });
      expect(walked.map(({ email }) => short(email))).toEqual(whole);
    }
  });

  test('a user who comes while the list is read moves no page', async () => {
    const first = await list({ sort: 'email', limit: 2 });
    const late = await user(portolan, { email: 'aaron@example.com' });
    const second = await list({ sort: 'email', limit: 2, cursor: first.body.nextCursor });
    expect([...emails(first), ...emails(second)]).toEqual(['Ada', 'admin', 'bob', 'carol']);
    await portolan.sql('delete from users where id = $1', [late.id]);
  });

  test('offset skips', async () => {
    expect(emails(await list({ sort: 'email', offset: 1, limit: 2 }))).toEqual(['admin', 'bob']);
  });
});

describe('400', () => {
  test.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['role=owner', 'role[0]'],
    ['disabled=1', 'disabled'],
    ['activeWithinMinutes=0', 'activeWithinMinutes'],
    ['activeWithinMinutes=x', 'activeWithinMinutes'],
    ['sort=name', 'sort'],
    ['cursor=x', 'cursor'],
    ['roles=admin', 'roles'],
    ['q=a&q=b', 'q'],
  ])('%s', async (query, field) => {
    const answer = await list(query);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });

  test('a cursor is bound to sort and filters, and comes without offset', async () => {
    const { nextCursor: cursor } = (await list({ limit: 1 })).body;
    expect((await list({ limit: 1, cursor, sort: 'email' })).body.field).toBe('cursor');
    expect((await list({ limit: 1, cursor, disabled: false })).body.field).toBe('cursor');
    expect((await list({ limit: 1, cursor, offset: 1 })).body.field).toBe('offset');
  });

  test('a forged cursor is refused, whatever it holds', async () => {
    const { nextCursor } = (await list({ limit: 1, sort: 'lastActiveAt' })).body;
    const [signature, , id] = JSON.parse(Buffer.from(nextCursor, 'base64url').toString());
    for (const value of ['yesterday', 7, '2026-02-31T99:00:00.000Z', null]) {
      const cursor = Buffer.from(JSON.stringify([signature, value, id])).toString('base64url');
      const answer = await list({ limit: 1, sort: 'lastActiveAt', cursor });
      expect([answer.status, answer.body.field]).toEqual([400, 'cursor']);
    }
  });
});

describe('403', () => {
  test('for somebody who only has an account', async () => {
    const viewer = await token(portolan, { role: 'viewer' });
    const answer = await portolan.call('listUsers', { token: viewer.token });
    expect([answer.status, answer.body.details]).toEqual([403, { requiredRole: 'admin' }]);
    await portolan.sql('delete from users where id = $1', [viewer.userId]);
  });
});
