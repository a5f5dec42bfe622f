import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { imageRow, registryRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const remove = (id: string, more: object = {}) => portolan.call('deleteRegistry', { path: { id }, ...more });
const statusNow = async (id: string) => (await portolan.call('getRegistry', { path: { id } })).status;

describe('204', () => {
  test('it is gone, a second delete finds nothing, and its name is free', async () => {
    const name = unique('registry');
    const id = await registryRow(portolan, envId, { name, is_default: true });
    const answer = await remove(id);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect([await statusNow(id), (await remove(id)).status]).toEqual([404, 404]);
    const body = { name, type: 'generic', registryUrl: 'ghcr.io', isDefault: true };
    expect((await portolan.call('createRegistry', { path: { envId }, body })).status).toBe(201);
  });

  test('images of the same host that are not linked explicitly do not hold it', async () => {
    const id = await registryRow(portolan, envId, { registry_url: 'ghcr.io' });
    await imageRow(portolan, envId);
    expect((await remove(id)).status).toBe(204);
  });

  test('the audit row keeps its name', async () => {
    const name = unique('registry');
    const id = await registryRow(portolan, envId, { name });
    await remove(id, { headers: { 'x-request-id': 'delete-1' } });
    const rows = await portolan.sql('select * from audit_logs where resource_id = $1', [id]);
    expect(rows).toMatchObject([
      {
        action: 'delete',
        operation_id: 'deleteRegistry',
        resource_type: 'registry',
        resource_name: name,
        environment_id: envId,
        success: true,
        request_id: 'delete-1',
      },
    ]);
    expect(rows[0].environment_name).not.toBeNull();
  });

  test('a repeat with its Idempotency-Key is 204 again', async () => {
    const id = await registryRow(portolan, envId);
    const headers = { 'idempotency-key': unique('key') };
    expect((await remove(id, { headers })).status).toBe(204);
    const again = await remove(id, { headers });
    expect([again.status, again.headers['idempotent-replayed'], again.text]).toEqual([204, 'true', '']);
  });

  test('If-Match with the present version, or *', async () => {
    const [first, second] = [await registryRow(portolan, envId), await registryRow(portolan, envId)];
    const { headers } = await portolan.call('getRegistry', { path: { id: first } });
    expect((await remove(first, { headers: { 'if-match': String(headers.etag) } })).status).toBe(204);
    expect((await remove(second, { headers: { 'if-match': '*' } })).status).toBe(204);
  });

  test('an empty JSON body is taken, as generated clients send it', async () => {
    expect((await remove(await registryRow(portolan, envId), { body: {} })).status).toBe(204);
  });
});

describe('400', () => {
  test.each([
    [{ headers: { 'if-match': '4.9' } }, 'If-Match', 'format'],
    [{ headers: { 'idempotency-key': '' } }, 'Idempotency-Key', 'pattern'],
    [{ body: { force: true } }, 'force', 'unknown_member'],
    [{ query: { force: true } }, 'force', 'unknown_parameter'],
  ])('%j', async (call, field, code) => {
    const id = await registryRow(portolan, envId);
    const answer = await remove(id, call);
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
    expect(await statusNow(id)).toBe(200);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await remove(id)).status).toBe(404);
  });

  test('a connection outside of the token’s environments stays', async () => {
    const id = await registryRow(portolan, envId);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await remove(id, { token: other.token })).status).toBe(404);
    expect(await statusNow(id)).toBe(200);
  });
});

describe('409', () => {
  test('while images are linked explicitly, which are named', async () => {
    const id = await registryRow(portolan, envId);
    const imageId = await imageRow(portolan, envId, { name: 'Shop', registry_connection_id: id });
    const answer = await remove(id);
    expect([answer.status, answer.body.code]).toEqual([409, 'CONFLICT']);
    expect(answer.body.details).toEqual({ inUseBy: [{ type: 'container_image', id: imageId, name: 'Shop' }], inUseByTotal: 1 });
    expect(await statusNow(id)).toBe(200);
    expect(await portolan.sql('select 1 from audit_logs where resource_id = $1', [id])).toEqual([]);
    await portolan.sql('update container_images set registry_connection_id = null where id = $1', [imageId]);
    expect((await remove(id)).status).toBe(204);
  });

  test('at most 50 are named, all are counted', async () => {
    const id = await registryRow(portolan, envId);
    for (let i = 0; i < 51; i++) await imageRow(portolan, envId, { registry_connection_id: id });
    const { details } = (await remove(id)).body;
    expect([details.inUseBy.length, details.inUseByTotal]).toEqual([50, 51]);
  });

  test('when an image is linked at the same time', async () => {
    const id = await registryRow(portolan, envId);
    const client = await portolan.context.database.pool.connect();
    await client.query('begin');
    await client.query(
      `insert into container_images (id, environment_id, name, image_name, repository, registry_connection_id)
       values (gen_random_uuid(), $1, 'late', 'late', 'late', $2)`,
      [envId, id],
    );
    const waiting = remove(id);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await client.query('commit');
    client.release();
    const answer = await waiting;
    expect([answer.status, answer.body.details.inUseByTotal]).toEqual([409, 1]);
  });
});

describe('412', () => {
  test('goes before 409, and leaves it', async () => {
    const id = await registryRow(portolan, envId);
    await imageRow(portolan, envId, { registry_connection_id: id });
    const answer = await remove(id, { headers: { 'if-match': '"7.abc"' } });
    expect([answer.status, answer.body.code]).toEqual([412, 'CONFLICT']);
    const now = await portolan.call('getRegistry', { path: { id } });
    expect(answer.body.details.currentEtag).toBe(now.headers.etag);
  });
});
