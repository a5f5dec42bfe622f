import { loginOf, serviceAccount, token, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const get = (tokenId: string, as: string, more: object = {}) => portolan.call('getMyApiToken', { path: { tokenId }, token: as, ...more });

describe('200', () => {
  test('an own token, to a login and to the token itself', async () => {
    const person = await user(portolan);
    const api = await token(portolan, { ownerUserId: person.id, role: 'viewer', scopes: [] });
    for (const bearer of [await loginOf(portolan, person), api.token]) {
      const answer = await get(api.tokenId, bearer);
      expect(answer.status).toBe(200);
      expect(answer.body.tokenRecord).toMatchObject({ id: api.tokenId, userId: person.id });
    }
  });

  test('to its service account', async () => {
    const account = await serviceAccount(portolan);
    const api = await token(portolan, { ownerServiceAccountId: account.id, role: 'viewer' });
    expect((await get(api.tokenId, api.token)).body.tokenRecord.serviceAccountId).toBe(account.id);
  });
});

describe('304', () => {
  test('while nothing changed', async () => {
    const person = await user(portolan);
    const api = await token(portolan, { ownerUserId: person.id, role: 'viewer' });
    const bearer = await loginOf(portolan, person);
    const { etag } = (await get(api.tokenId, bearer)).headers;
    expect((await get(api.tokenId, bearer, { headers: { 'if-none-match': String(etag) } })).status).toBe(304);
    expect((await get(api.tokenId, bearer, { headers: { 'if-none-match': '"1.0"' } })).status).toBe(200);
  });
});

describe('404', () => {
  test('a token of another one, also for an administrator', async () => {
    const api = await token(portolan);
    expect((await get(api.tokenId, portolan.adminToken)).status).toBe(404);
    const account = await serviceAccount(portolan);
    const ofAccount = await token(portolan, { ownerServiceAccountId: account.id, role: 'viewer' });
    expect((await get(ofAccount.tokenId, api.token)).status).toBe(404);
    expect((await get(api.tokenId, ofAccount.token)).status).toBe(404);
  });

  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (tokenId) => {
    expect((await get(tokenId, portolan.adminToken)).status).toBe(404);
  });
});
