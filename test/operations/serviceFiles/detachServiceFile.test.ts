import { placement, service } from '../../support/catalogue';
import { attachment, configFile, delivered } from '../../support/configFiles';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
let serviceId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
  serviceId = (await service(portolan, envId)).id;
});
afterAll(() => portolan.close());

const detach = (fileId: string, more: object = {}) =>
  portolan.call('detachServiceFile', { path: { serviceId, fileId }, ...more });
const attached = async (members: object = {}) => attachment(portolan, serviceId, (await configFile(portolan, envId)).id, members);
const statusOf = async (fileId: string) => (await portolan.call('getServiceFile', { path: { serviceId, fileId } })).status;

describe('204', () => {
  test('by its own id, with what is known of deliveries; the file stays and may be deleted then', async () => {
    const made = await attached();
    const placed = await placement(portolan, serviceId);
    await delivered(portolan, made.id, placed.id, 'x');
    expect((await detach(made.id)).status).toBe(204);
    expect(await statusOf(made.id)).toBe(404);
    expect((await detach(made.id)).status).toBe(404);
    expect((await portolan.call('deleteConfigFile', { path: { id: made.configFileId } })).status).toBe(204);
  });

  test('a base attachment by the id of its file; the override stays', async () => {
    const base = await attached();
    const placed = await placement(portolan, serviceId);
    const override = await attachment(portolan, serviceId, base.configFileId, { serviceDeploymentId: placed.id });
    expect((await detach(base.configFileId)).status).toBe(204);
    expect([await statusOf(base.id), await statusOf(override.id)]).toEqual([404, 200]);
    expect((await detach(base.configFileId)).status).toBe(404);
  });

  test('a deleted placement takes its overrides along, not the base attachment', async () => {
    const base = await attached();
    const placed = await placement(portolan, serviceId);
    const override = await attachment(portolan, serviceId, base.configFileId, { serviceDeploymentId: placed.id });
    await portolan.call('deleteServiceDeployment', { path: { id: serviceId, depId: placed.id } });
    expect([await statusOf(base.id), await statusOf(override.id)]).toEqual([200, 404]);
  });

  test('one audit row, and a replay with the same Idempotency-Key', async () => {
    const made = await attached();
    const headers = { 'idempotency-key': unique('key') };
    expect((await detach(made.id, { headers })).status).toBe(204);
    expect((await detach(made.id, { headers })).headers['idempotent-replayed']).toBe('true');
    const rows = await portolan.sql("select * from audit_logs where resource_id = $1 and action = 'delete'", [made.id]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ operation_id: 'detachServiceFile', resource_type: 'service_file', environment_id: envId });
  });
});

test('400 for a malformed If-Match, 412 for an old one', async () => {
  const made = await attached();
  expect((await detach(made.id, { headers: { 'if-match': 'x' } })).status).toBe(400);
  expect((await detach(made.id, { headers: { 'if-match': '"7.x"' } })).status).toBe(412);
  expect(await statusOf(made.id)).toBe(200);
});

test('403 for a viewer', async () => {
  const made = await attached();
  const viewer = await token(portolan, { role: 'viewer' });
  expect((await detach(made.id, { token: viewer.token })).status).toBe(403);
  expect(await statusOf(made.id)).toBe(200);
});

test.each(['example', '01920000-0000-7000-8000-000000000000'])('404 for %s', async (fileId) => {
  expect((await detach(fileId)).status).toBe(404);
});
