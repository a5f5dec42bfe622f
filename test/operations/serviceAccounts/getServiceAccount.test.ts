import { serviceAccount, token, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const get = (id: string, more: object = {}) => portolan.call('getServiceAccount', { path: { id }, ...more });

describe('200', () => {
  test('with the number of its tokens', async () => {
    const account = await serviceAccount(portolan);
    await token(portolan, { ownerServiceAccountId: account.id, role: 'viewer' });
    const answer = await get(account.id);
    expect(answer.body.serviceAccount).toMatchObject({ ...account, role: 'operator', tokenCount: 1, createdBy: null });
  });
});

describe('304', () => {
  test('until a token is added, which is no change of its version', async () => {
    const account = await serviceAccount(portolan);
    const etag = String((await get(account.id)).headers.etag);
    const headers = { 'if-none-match': etag };
    expect((await get(account.id, { headers })).status).toBe(304);
    await token(portolan, { ownerServiceAccountId: account.id, role: 'viewer' });
    const again = await get(account.id, { headers });
    expect(again.status).toBe(200);
    expect(String(again.headers.etag).split('.')[0]).toBe(etag.split('.')[0]);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await get(id)).status).toBe(404);
  });

  test('a user is no service account', async () => {
    expect((await get((await user(portolan)).id)).status).toBe(404);
  });
});
