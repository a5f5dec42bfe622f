import { uuidv7 } from 'uuidv7';
import { placement, service } from '../../support/catalogue';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const remove = (id: string, more: object = {}) => portolan.call('deleteService', { path: { id }, ...more });
const operation = (serviceId: string, state: string) =>
  portolan.sql(
    `insert into operations (id, kind, state, resource_type, resource_id, environment_id, created_by_type, created_by_name)
     values ($1, 'deploy.run', $2, 'service', $3, $4, 'user', 'x') returning id`,
    [uuidv7(), state, serviceId, envId],
  );

describe('204', () => {
  test('the service is gone, and its image is free', async () => {
    const { id, name, containerImageId } = await service(portolan, envId);
    const answer = await remove(id);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await portolan.call('getService', { path: { id } })).status).toBe(404);
    expect((await remove(id)).status).toBe(404);
    const rows = await portolan.sql("select * from audit_logs where resource_id = $1 and action = 'delete'", [id]);
    expect(rows).toMatchObject([{ operation_id: 'deleteService', resource_name: name, environment_id: envId }]);
    expect((await portolan.call('deleteContainerImage', { path: { id: containerImageId } })).status).toBe(204);
  });

  test('once its operations have ended', async () => {
    const { id } = await service(portolan, envId);
    for (const state of ['succeeded', 'failed', 'cancelled']) await operation(id, state);
    expect((await remove(id)).status).toBe(204);
  });

  test('an Idempotency-Key replays the 204', async () => {
    const { id } = await service(portolan, envId);
    const headers = { 'idempotency-key': unique('key') };
    expect((await remove(id, { headers })).status).toBe(204);
    const again = await remove(id, { headers });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([204, 'true']);
  });

  test('its placements go with it, and their server is free', async () => {
    const { id } = await service(portolan, envId);
    const placed = await placement(portolan, id);
    expect((await portolan.call('deleteServer', { path: { id: placed.serverId } })).status).toBe(409);
    expect((await remove(id)).status).toBe(204);
    expect(await portolan.sql('select id from service_deployments where id = $1', [placed.id])).toEqual([]);
    expect((await portolan.call('deleteServer', { path: { id: placed.serverId } })).status).toBe(204);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await remove(id)).status).toBe(404);
  });

  test('a service outside a token’s environments stays', async () => {
    const { id } = await service(portolan, envId);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await remove(id, { token: other.token })).status).toBe(404);
    expect((await portolan.call('getService', { path: { id } })).status).toBe(200);
  });
});

describe('409', () => {
  test.each(['queued', 'running'])('while an operation on it is %s', async (state) => {
    const { id } = await service(portolan, envId);
    const [{ id: operationId }] = (await operation(id, state)) as [{ id: string }];
    const answer = await remove(id);
    expect([answer.status, answer.body.code]).toEqual([409, 'CONFLICT']);
    expect(answer.body.details).toEqual({ state, operationId });
    expect((await portolan.call('getService', { path: { id } })).status).toBe(200);
  });

  test('while an operation on one of its placements is running', async () => {
    const { id } = await service(portolan, envId);
    const [{ id: operationId }] = (await operation((await placement(portolan, id)).id, 'running')) as [{ id: string }];
    const answer = await remove(id);
    expect([answer.status, answer.body.details]).toEqual([409, { state: 'running', operationId }]);
  });
});

describe('412', () => {
  test('when If-Match names another version', async () => {
    const { id } = await service(portolan, envId);
    expect((await remove(id, { headers: { 'if-match': '"2.x"' } })).status).toBe(412);
    expect((await remove(id, { headers: { 'if-match': '"1.x"' } })).status).toBe(204);
  });
});
