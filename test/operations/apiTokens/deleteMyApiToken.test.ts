import { loginOf, serviceAccount, token, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const remove = (tokenId: string, as: string, more: object = {}) =>
  portolan.call('deleteMyApiToken', { path: { tokenId }, token: as, ...more });
const works = async (bearer: string) => (await portolan.call('getCurrentPrincipal', { token: bearer })).status === 200;

describe('204', () => {
  test('an own token ends at once', async () => {
    const person = await user(portolan);
    const api = await token(portolan, { ownerUserId: person.id, role: 'viewer' });
    expect(await works(api.token)).toBe(true);
    expect((await remove(api.tokenId, await loginOf(portolan, person))).status).toBe(204);
    expect(await works(api.token)).toBe(false);
    const rows = await portolan.sql('select * from audit_logs where resource_id = $1', [api.tokenId]);
    expect(rows).toMatchObject([{ action: 'delete', resource_type: 'api_token', user_id: person.id }]);
  });

  test('a token ends itself, without any scope', async () => {
    const account = await serviceAccount(portolan);
    const api = await token(portolan, { ownerServiceAccountId: account.id, role: 'viewer', scopes: [] });
    expect((await remove(api.tokenId, api.token)).status).toBe(204);
    expect(await works(api.token)).toBe(false);
  });
});

describe('404', () => {
  test('a token of another one stays, also for an administrator', async () => {
    const api = await token(portolan);
    const stranger = await loginOf(portolan, await user(portolan));
    for (const bearer of [stranger, portolan.adminToken]) expect((await remove(api.tokenId, bearer)).status).toBe(404);
    expect(await works(api.token)).toBe(true);
  });

  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (tokenId) => {
    expect((await remove(tokenId, portolan.adminToken)).status).toBe(404);
  });
});

describe('412', () => {
  test('when If-Match names another version', async () => {
    const api = await token(portolan);
    expect((await remove(api.tokenId, api.token, { headers: { 'if-match': '"2.0"' } })).status).toBe(412);
    expect(await works(api.token)).toBe(true);
    expect((await remove(api.tokenId, api.token, { headers: { 'if-match': '*' } })).status).toBe(204);
  });
});
