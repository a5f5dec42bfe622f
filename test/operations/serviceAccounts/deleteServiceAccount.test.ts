import { serviceAccount, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const remove = (id: string, more: object = {}) => portolan.call('deleteServiceAccount', { path: { id }, ...more });
const works = async (bearer: string) => (await portolan.call('getCurrentPrincipal', { token: bearer })).status === 200;

describe('204', () => {
  test('its tokens end with it', async () => {
    const { id, name } = await serviceAccount(portolan);
    const bearers = [
      (await token(portolan, { ownerServiceAccountId: id, role: 'viewer' })).token,
      (await token(portolan, { ownerServiceAccountId: id, role: 'operator' })).token,
    ];
    for (const bearer of bearers) expect(await works(bearer)).toBe(true);
    expect((await remove(id)).status).toBe(204);
    for (const bearer of bearers) expect(await works(bearer)).toBe(false);
    expect(await portolan.sql('select id from api_tokens where service_account_id = $1', [id])).toEqual([]);
    expect((await remove(id)).status).toBe(404);
    const [row] = await portolan.sql("select * from audit_logs where resource_id = $1 and action = 'delete'", [id]);
    expect(row).toMatchObject({ resource_type: 'service_account', resource_name: name });
  });

  test('the name is free again', async () => {
    const { id, name } = await serviceAccount(portolan);
    await remove(id);
    expect((await portolan.call('createServiceAccount', { body: { name } })).status).toBe(201);
  });

  test('an Idempotency-Key gives 204 again', async () => {
    const { id } = await serviceAccount(portolan);
    const headers = { 'idempotency-key': unique('key') };
    await remove(id, { headers });
    const again = await remove(id, { headers });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([204, 'true']);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await remove(id)).status).toBe(404);
  });
});

describe('412', () => {
  test('when If-Match names another version, and then its tokens live', async () => {
    const { id } = await serviceAccount(portolan);
    const bearer = (await token(portolan, { ownerServiceAccountId: id, role: 'viewer' })).token;
    expect((await remove(id, { headers: { 'if-match': '"2.0"' } })).status).toBe(412);
    expect(await works(bearer)).toBe(true);
    expect((await remove(id, { headers: { 'if-match': '"1.0"' } })).status).toBe(204);
  });
});
