import { loginOf, serviceAccount, token, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { walkPages } from '../../support/walkPages';

let portolan: Portolan;
let person: { id: string; email: string };
let bearer: string;
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
beforeAll(async () => {
  portolan = await startPortolan();
  person = await user(portolan);
  bearer = await loginOf(portolan, person);
  for (const name of ['one', 'two', 'three']) await token(portolan, { name, ownerUserId: person.id, role: 'viewer' });
  await token(portolan, { name: 'expired', ownerUserId: person.id, role: 'viewer', expiresAt: inDays(-29) });
  await token(portolan, { name: 'gone', ownerUserId: person.id, role: 'viewer', expiresAt: inDays(-31) });
  await token(portolan, { name: 'of another' });
});
afterAll(() => portolan.close());

const list = (query: Record<string, string | number | boolean> = {}, as = bearer) =>
  portolan.call('listMyApiTokens', { query, token: as });
const names = (answer: { body: { tokens: { name: string }[] } }) => answer.body.tokens.map(({ name }) => name);

describe('200', () => {
  test('own tokens, newest first; those of others are neither listed nor counted', async () => {
    const answer = await list();
    expect(names(answer)).toEqual(['expired', 'three', 'two', 'one']);
    expect(answer.body).toMatchObject({ total: 4, nextCursor: null });
  });

  test('an API token without any scope lists those of its owner', async () => {
    const account = await serviceAccount(portolan);
    const api = await token(portolan, { name: 'self', ownerServiceAccountId: account.id, role: 'viewer', scopes: [] });
    expect(names(await list({}, api.token))).toEqual(['self']);
  });

  test('searches, sorts and pages', async () => {
    expect(names(await list({ q: 'T' }))).toEqual(['three', 'two']);
    expect(names(await list({ sort: 'name', limit: 2, offset: 1 }))).toEqual(['one', 'three']);
    const walked = await walkPages(portolan, 'listMyApiTokens', 'tokens', 1, { token: bearer, query: { sort: '-lastUsedAt,name' } });
    expect(walked.map(({ name }) => name)).toEqual(['expired', 'one', 'three', 'two']);
  });
});

describe('400', () => {
  test.each([
    [{ limit: 0 }, 'limit'],
    [{ sort: 'scopes' }, 'sort'],
    [{ cursor: 'x' }, 'cursor'],
    [{ ownerUserId: 'x' }, 'ownerUserId'],
  ] as [Record<string, string>, string][])('%j', async (query, field) => {
    const answer = await list(query);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });
});
