import { serviceAccount, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { walkPages } from '../../support/walkPages';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
  const make = async (name: string, role: string, disabled: boolean, description: string | null) => {
    const { id } = await serviceAccount(portolan, { name, role, disabled });
    await portolan.sql('update service_accounts set description = $2 where id = $1', [id, description]);
    return id;
  };
  await make('deployer', 'operator', false, 'From CI, 100%');
  await make('backup', 'operator', true, null);
  await make('reader', 'viewer', false, null);
  const id = await make('auditor', 'viewer', true, 'Reads what the reader does not');
  for (const expiresAt of ['2999-01-01T00:00:00Z', new Date(Date.now() - 86_400_000).toISOString(), '2020-01-01T00:00:00Z']) {
    await token(portolan, { ownerServiceAccountId: id, role: 'viewer', expiresAt });
  }
});
afterAll(() => portolan.close());

const list = (query: Record<string, string | number | boolean> | string = {}) => portolan.call('listServiceAccounts', { query });
const names = (answer: { body: { serviceAccounts: { name: string }[] } }) => answer.body.serviceAccounts.map(({ name }) => name);

describe('200', () => {
  test('by name, each as it is shown alone; tokens that are listed are counted', async () => {
    const answer = await list();
    expect(names(answer)).toEqual(['auditor', 'backup', 'deployer', 'reader']);
    expect([answer.body.total, answer.body.nextCursor]).toEqual([4, null]);
    const [auditor] = answer.body.serviceAccounts;
    expect(auditor.tokenCount).toBe(2);
    const tokens = await portolan.call('listApiTokens', { query: { ownerServiceAccountId: auditor.id } });
    expect(tokens.body.total).toBe(2);
    const alone = await portolan.call('getServiceAccount', { path: { id: auditor.id } });
    expect(alone.body.serviceAccount).toEqual(auditor);
  });

  test.each([
    ['name=reader', ['reader']],
    ['name=reader,backup,none', ['backup', 'reader']],
    ['role=viewer', ['auditor', 'reader']],
    ['role=viewer,operator', ['auditor', 'backup', 'deployer', 'reader']],
    ['disabled=true', ['auditor', 'backup']],
    ['disabled=false', ['deployer', 'reader']],
    ['q=READER', ['auditor', 'reader']],
    ['q=100%25', ['deployer']],
    ['role=viewer&disabled=false&q=read', ['reader']],
    ['name=reader&role=operator', []],
  ])('%s', async (query, expected) => {
    const answer = await list(query);
    expect(names(answer)).toEqual(expected);
    expect(answer.body.total).toBe(expected.length);
  });

  test.each([
    ['name', ['auditor', 'backup', 'deployer', 'reader']],
    ['createdAt', ['deployer', 'backup', 'reader', 'auditor']],
  ])('sort by %s, in both directions', async (sort, expected) => {
    expect(names(await list({ sort }))).toEqual(expected);
    expect(names(await list({ sort: `-${sort}` }))).toEqual([...expected].reverse());
  });

  test.each(['name', '-name', 'createdAt', '-createdAt'])('pages by cursor to the end, sorted by %s', async (sort) => {
    const whole = names(await list({ sort }));
    for (const limit of [1, 3]) {
      const walked = await walkPages(portolan, 'listServiceAccounts', 'serviceAccounts', limit, { query: { sort } });
      expect(walked.map(({ name }) => name)).toEqual(whole);
    }
  });

  test('pages do not lose rows of the same moment', async () => {
    await portolan.sql('update service_accounts set created_at = now()');
    const walked = await walkPages(portolan, 'listServiceAccounts', 'serviceAccounts', 1, { query: { sort: 'createdAt' } });
    expect(new Set(walked.map(({ name }) => name)).size).toBe(4);
  });

  test('offset skips', async () => {
    expect(names(await list({ offset: 1, limit: 2 }))).toEqual(['backup', 'deployer']);
  });
});

describe('400', () => {
  test.each([
    ['limit=0', 'limit'],
    ['role=owner', 'role[0]'],
    ['disabled=0', 'disabled'],
    ['sort=role', 'sort'],
    ['cursor=x', 'cursor'],
    ['names=x', 'names'],
    ['offset=100001', 'offset'],
  ])('%s', async (query, field) => {
    const answer = await list(query);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });

  test('a cursor is bound to sort and filters, and comes without offset', async () => {
    const { nextCursor: cursor } = (await list({ limit: 1 })).body;
    expect((await list({ limit: 1, cursor, sort: '-name' })).body.field).toBe('cursor');
    expect((await list({ limit: 1, cursor, role: 'viewer' })).body.field).toBe('cursor');
    expect((await list({ limit: 1, cursor, offset: 1 })).body.field).toBe('offset');
  });
});
