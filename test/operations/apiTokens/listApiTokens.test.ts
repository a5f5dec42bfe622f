import { environment, serviceAccount, token, unique, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { walkPages } from '../../support/walkPages';

let portolan: Portolan;
const people: { id: string; email: string }[] = [];
let account: { id: string; name: string };
const ids: Record<string, string> = {};
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

beforeAll(async () => {
  portolan = await startPortolan();
  people.push(await user(portolan, { role: 'admin', name: 'Ada' }), await user(portolan));
  account = await serviceAccount(portolan);
  const make = async (name: string, wishes: object, lastUsedAt: string | null = null) => {
    const { tokenId } = await token(portolan, { name, ...wishes });
    ids[name] = tokenId;
    await portolan.sql('update api_tokens set last_used_at = $2 where id = $1', [tokenId, lastUsedAt]);
  };
  await make('alpha', { ownerUserId: people[0]?.id, expiresAt: inDays(3) }, inDays(-3));
  await make('bravo', { ownerUserId: people[0]?.id, expiresAt: inDays(1) });
  await make('charlie', { ownerUserId: people[1]?.id, role: 'viewer', expiresAt: inDays(2) }, inDays(-1));
  await make('Delta%', { ownerServiceAccountId: account.id, role: 'operator', expiresAt: inDays(4) }, inDays(-2));
  await make('echo', { ownerServiceAccountId: account.id, role: 'viewer', expiresAt: inDays(-29) });
  await make('gone', { ownerServiceAccountId: account.id, role: 'viewer', expiresAt: inDays(-31) });
});
afterAll(() => portolan.close());

const list = (query: Record<string, string | number | boolean> | string = {}, more: object = {}) => portolan.call('listApiTokens', { query, ...more });
const names = (answer: { body: { tokens: { name: string }[] } }) => answer.body.tokens.map(({ name }) => name);

describe('200', () => {
  test('newest first, with owners, without tokens; what expired 30 days ago is gone', async () => {
    const answer = await list();
    expect(names(answer)).toEqual(['echo', 'Delta%', 'charlie', 'bravo', 'alpha']);
    expect([answer.body.total, answer.body.nextCursor]).toEqual([5, null]);
    expect(answer.body.tokens[4].user).toEqual({ ...people[0], name: 'Ada' });
    expect(answer.body.tokens[1].serviceAccount).toEqual({ ...account, disabled: false });
    expect(answer.text).not.toMatch(/hash/i);
  });

  test.each([
    [() => ({ ownerUserId: people[0]?.id }), ['bravo', 'alpha']],
    [() => `ownerUserId=${people[0]?.id},${people[1]?.id}`, ['charlie', 'bravo', 'alpha']],
    [() => ({ ownerServiceAccountId: account.id }), ['echo', 'Delta%']],
    [() => ({ ownerUserId: account.id }), []],
    [() => ({ ownerUserId: people[0]?.id, ownerServiceAccountId: account.id }), []],
    [() => ({ expired: true }), ['echo']],
    [() => ({ expired: false }), ['Delta%', 'charlie', 'bravo', 'alpha']],
    [() => ({ expired: false, ownerServiceAccountId: account.id }), ['Delta%']],
    [() => ({ q: 'LPH' }), ['alpha']],
    [() => ({ q: '%' }), ['Delta%']],
    [() => ({ q: 'a', expired: false, ownerUserId: people[0]?.id }), ['bravo', 'alpha']],
  ] as [() => Record<string, string | boolean> | string, string[]][])('filter %#', async (query, expected) => {
    const answer = await list(query() as never);
    expect(names(answer)).toEqual(expected);
    expect(answer.body.total).toBe(expected.length);
  });

  test.each([
    ['name', ['Delta%', 'alpha', 'bravo', 'charlie', 'echo']],
    ['createdAt', ['alpha', 'bravo', 'charlie', 'Delta%', 'echo']],
    ['expiresAt', ['echo', 'bravo', 'charlie', 'alpha', 'Delta%']],
    ['lastUsedAt,name', ['bravo', 'echo', 'alpha', 'Delta%', 'charlie']],
  ])('sort by %s, in both directions', async (sort, expected) => {
    expect(names(await list({ sort }))).toEqual(expected);
    const backwards = sort.replace(/^|,/g, (sign) => `${sign}-`);
    expect(names(await list({ sort: backwards }))).toEqual([...expected].reverse());
  });

  test.each(['-createdAt', 'lastUsedAt', '-lastUsedAt', 'name,-expiresAt', 'expiresAt'])(
    'pages by cursor to the end, sorted by %s',
    async (sort) => {
      const whole = names(await list({ sort }));
      for (const limit of [1, 2]) {
        const walked = await walkPages(portolan, 'listApiTokens', 'tokens', limit, { query: { sort } });
        expect(walked.map(({ name }) => name)).toEqual(whole);
      }
    },
  );

  test('pages do not lose rows with equal values', async () => {
    const owner = await user(portolan, { role: 'admin' });
    for (let n = 0; n < 5; n++) await token(portolan, { name: 'same', ownerUserId: owner.id, expiresAt: inDays(9) });
    await portolan.sql('update api_tokens set created_at = now() where user_id = $1', [owner.id]);
    for (const sort of ['name', '-name', 'createdAt', '-expiresAt', 'lastUsedAt']) {
      const query = { sort, ownerUserId: owner.id };
      const walked = await walkPages(portolan, 'listApiTokens', 'tokens', 2, { query });
      expect(new Set(walked.map(({ id }) => id)).size).toBe(5);
    }
    await portolan.sql('delete from api_tokens where user_id = $1', [owner.id]);
  });

  test('offset skips', async () => {
    expect(names(await list({ sort: 'name', offset: 3, limit: 1 }))).toEqual(['charlie']);
    expect((await list({ offset: 100 })).body).toMatchObject({ tokens: [], total: 5, nextCursor: null });
  });

  test('a reader who is limited to environments sees the names of these only', async () => {
    const [mine, other] = [await environment(portolan), await environment(portolan)];
    const owner = await user(portolan);
    await token(portolan, { ownerUserId: owner.id, role: 'viewer', environments: [mine, other] });
    const reader = await token(portolan, { environments: [mine] });
    const answer = await list({ ownerUserId: owner.id }, { token: reader.token });
    expect(answer.body.tokens[0].environments.map(({ id }: { id: string }) => id)).toEqual([mine]);
    await portolan.sql('delete from api_tokens where user_id = $1 or id = $2', [owner.id, reader.tokenId]);
  });
});

describe('400', () => {
  test.each([
    [{ limit: 0 }, 'limit'],
    [{ limit: 1001 }, 'limit'],
    [{ limit: 'many' }, 'limit'],
    [{ offset: -1 }, 'offset'],
    [{ sort: 'role' }, 'sort'],
    [{ expired: 'yes' }, 'expired'],
    [{ ownerUserId: 'ada' }, 'ownerUserId[0]'],
    [{ cursor: 'x' }, 'cursor'],
    [{ owner: 'x' }, 'owner'],
    [{ name: 'x' }, 'name'],
  ] as [Record<string, string>, string][])('%j', async (query, field) => {
    const answer = await list(query);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
    expect(answer.body.details[0].in).toBe('query');
  });

  test('an unknown parameter is answered with the nearest one', async () => {
    expect((await list({ expire: true })).body.hint).toBe('Did you mean expired?');
  });

  test('a cursor is bound to sort and filters, and comes without offset', async () => {
    const { nextCursor: cursor } = (await list({ limit: 1 })).body;
    expect((await list({ limit: 1, cursor, sort: 'name' })).body.field).toBe('cursor');
    expect((await list({ limit: 1, cursor, expired: false })).body.field).toBe('cursor');
    expect((await list({ limit: 1, cursor, offset: 1 })).body.field).toBe('offset');
    expect((await list({ limit: 3, cursor })).status).toBe(200);
  });
});

test('names stay as they were given', async () => {
  const name = ` ${unique('Ünïcode')} "quoted" `;
  const { body } = await portolan.call('createApiToken', {
    body: { name, ownerUserId: people[1]?.id, role: 'viewer', allEnvironments: true, expiresInDays: 1 },
  });
  expect(body.tokenRecord.name).toBe(name);
  expect(names(await list({ q: name }))).toEqual([name]);
  await portolan.call('deleteApiToken', { path: { tokenId: body.tokenRecord.id } });
});
