import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const get = (tokenId: string, more: object = {}) => portolan.call('getApiToken', { path: { tokenId }, ...more });

describe('200', () => {
  test('shows what the list shows, without the token', async () => {
    const api = await token(portolan, { scopes: ['images:read'], environments: [await environment(portolan)] });
    const answer = await get(api.tokenId);
    expect(answer.status).toBe(200);
    expect(answer.body.tokenRecord).toMatchObject({ id: api.tokenId, userId: api.userId, scopes: ['images:read'] });
    expect(answer.text).not.toContain(api.token.slice(12));
    const { tokens } = (await portolan.call('listApiTokens', { query: { ownerUserId: api.userId } })).body;
    expect(tokens).toEqual([answer.body.tokenRecord]);
  });

  test('an expired token is shown for 30 days', async () => {
    const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    expect((await get((await token(portolan, { expiresAt: ago(29) })).tokenId)).status).toBe(200);
    expect((await get((await token(portolan, { expiresAt: ago(31) })).tokenId)).status).toBe(404);
  });
});

describe('304', () => {
  test('until the token is used', async () => {
    const api = await token(portolan);
    const etag = String((await get(api.tokenId)).headers.etag);
    const headers = { 'if-none-match': etag };
    const again = await get(api.tokenId, { headers });
    expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag]);
    await portolan.call('getCurrentPrincipal', { token: api.token });
    await portolan.context.authenticator.flush();
    const used = await get(api.tokenId, { headers });
    expect(used.status).toBe(200);
    expect(used.body.tokenRecord.lastUsedAt).not.toBeNull();
    expect(String(used.headers.etag).split('.')[0]).toBe(etag.split('.')[0]);
  });
});

describe('400', () => {
  test('an unknown parameter is told', async () => {
    const answer = await get((await token(portolan)).tokenId, { query: { include: 'x' } });
    expect([answer.status, answer.body.field]).toEqual([400, 'include']);
  });
});

describe('404', () => {
  test.each(['ptl_pat_3fKd', '01920000-0000-7000-8000-000000000000'])('%s', async (tokenId) => {
    const answer = await get(tokenId);
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
  });
});
