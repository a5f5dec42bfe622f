import { token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const remove = (tokenId: string, more: object = {}) => portolan.call('deleteApiToken', { path: { tokenId }, ...more });

describe('204', () => {
  test('the token’s next use is refused, and it is gone', async () => {
    const api = await token(portolan);
    expect((await portolan.call('getCurrentPrincipal', { token: api.token })).status).toBe(200);
    expect((await remove(api.tokenId)).status).toBe(204);
    expect((await portolan.call('getCurrentPrincipal', { token: api.token })).status).toBe(401);
    expect((await remove(api.tokenId)).status).toBe(404);
    expect(await portolan.sql('select id from api_tokens where id = $1', [api.tokenId])).toEqual([]);
  });

  test('the audit row keeps its name', async () => {
    const api = await token(portolan, { name: 'ci' });
    await remove(api.tokenId);
    const rows = await portolan.sql('select * from audit_logs where resource_id = $1', [api.tokenId]);
    expect(rows).toMatchObject([{ action: 'delete', resource_type: 'api_token', resource_name: 'ci' }]);
  });

  test('an Idempotency-Key gives 204 again', async () => {
    const api = await token(portolan);
    const headers = { 'idempotency-key': unique('key') };
    expect((await remove(api.tokenId, { headers })).status).toBe(204);
    const again = await remove(api.tokenId, { headers });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([204, 'true']);
  });

  test('a replay is not for a token that was deleted by it', async () => {
    const api = await token(portolan);
    const more = { token: api.token, headers: { 'idempotency-key': unique('key') } };
    expect((await remove(api.tokenId, more)).status).toBe(204);
    expect((await remove(api.tokenId, more)).status).toBe(401);
  });
});

describe('403', () => {
  test('for a token that is limited to environments: tokens are the whole installation’s', async () => {
    const api = await token(portolan);
    const limited = await token(portolan, { environments: [] });
    const answer = await remove(api.tokenId, { token: limited.token });
    expect([answer.status, answer.body.code]).toEqual([403, 'FORBIDDEN_SCOPE']);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (tokenId) => {
    expect((await remove(tokenId)).status).toBe(404);
  });
});

describe('412', () => {
  test('when If-Match names another version, and then the token lives', async () => {
    const api = await token(portolan);
    const answer = await remove(api.tokenId, { headers: { 'if-match': '"7.0"' } });
    const { etag } = (await portolan.call('getApiToken', { path: { tokenId: api.tokenId } })).headers;
    expect([answer.status, answer.body.details.currentEtag]).toEqual([412, etag]);
    expect((await portolan.call('getCurrentPrincipal', { token: api.token })).status).toBe(200);
    expect((await remove(api.tokenId, { headers: { 'if-match': String(etag) } })).status).toBe(204);
  });
});
