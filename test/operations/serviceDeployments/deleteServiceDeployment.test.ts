import { containerImage, digest, placement, service } from '../../support/catalogue';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { operationRow, pinDigest, placementRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const remove = (made: { id: string; serviceId: string }, more: object = {}) =>
  portolan.call('deleteServiceDeployment', { path: { id: made.serviceId, depId: made.id }, ...more });
const place = async (members: Record<string, unknown> = {}) => placement(portolan, (await service(portolan, envId)).id, members);
const operation = (resource_type: string, resource_id: string, state: string) =>
  operationRow(portolan, { kind: 'deploy.run', resource_type, resource_id, environment_id: envId, state });

describe('204', () => {
  test('the placement is gone, and its server and container name are free at once', async () => {
    const made = await place({ containerName: 'freed' });
    const answer = await remove(made);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await remove(made)).status).toBe(404);
    expect((await portolan.call('getService', { path: { id: made.serviceId } })).body.service.serviceDeployments).toEqual([]);
    const rows = await portolan.sql("select * from audit_logs where resource_id = $1 and action = 'delete'", [made.id]);
    expect(rows).toMatchObject([{ operation_id: 'deleteServiceDeployment', resource_name: 'freed', environment_id: envId }]);
    const again = await placement(portolan, made.serviceId, { serverId: made.serverId, containerName: 'freed' });
    expect(again.id).not.toBe(made.id);
  });

  test('what the rest of the image runs is computed again', async () => {
    const image = await containerImage(portolan, envId, { tagFilter: 'semver:*' });
    const [old, young] = [
      await digest(portolan, image.id, { tags: ['1.0.0'] }),
      await digest(portolan, image.id, { tags: ['1.1.0'] }),
    ];
    const { id: serviceId } = await service(portolan, envId, { containerImageId: image.id });
    await pinDigest(portolan, serviceId, young);
    const behind = await placementRow(portolan, serviceId, old, { created_at: '2026-01-01T00:00:00Z' });
    const [second, third] = [await placementRow(portolan, serviceId, young), await placementRow(portolan, serviceId, null)];
    const standing = async () => {
      const of = (await portolan.call('getService', { path: { id: serviceId } })).body.service;
      const { currentTag, deployedDigestId, updateAvailable } = of.containerImage;
      return { currentTag, deployedDigestId, updateAvailable, ofService: of.updateAvailable, drifted: of.drifted };
    };
    await remove({ id: third, serviceId });
    const mixed = { currentTag: '1.0.0', deployedDigestId: null, updateAvailable: true, ofService: true, drifted: true };
    expect(await standing()).toEqual(mixed);
    await remove({ id: behind, serviceId });
    const even = { currentTag: '1.1.0', deployedDigestId: young, updateAvailable: false, ofService: false, drifted: false };
    expect(await standing()).toEqual(even);
    await remove({ id: second, serviceId });
    expect(await standing()).toEqual({ ...even, deployedDigestId: null });
  });

  test('of a service without an image, as the Cloud Foundry surface makes them', async () => {
    const made = await place();
    await portolan.sql('update services set container_image_id = null where id = $1', [made.serviceId]);
    expect((await remove(made)).status).toBe(204);
  });

  test('once operations have ended, and while one on another placement has not', async () => {
    const made = await place();
    const other = await placement(portolan, made.serviceId);
    await operation('service_deployment', made.id, 'succeeded');
    await operation('service', made.serviceId, 'failed');
    await operation('service_deployment', other.id, 'running');
    expect((await remove(made)).status).toBe(204);
  });

  test('an Idempotency-Key replays the 204', async () => {
    const made = await place();
    const headers = { 'idempotency-key': unique('key') };
    expect((await remove(made, { headers })).status).toBe(204);
    const again = await remove(made, { headers });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([204, 'true']);
  });

  test('together with the deletion of its service: neither waits for the other for ever', async () => {
    for (let i = 0; i < 5; i++) {
      const made = await place();
      const [own, ofService] = await Promise.all([
        remove(made),
        portolan.call('deleteService', { path: { id: made.serviceId } }),
      ]);
      expect([204, 404]).toContain(own.status);
      expect(ofService.status).toBe(204);
    }
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    const made = await place();
    expect((await remove({ ...made, id })).status).toBe(404);
    expect((await remove({ ...made, serviceId: id })).status).toBe(404);
  });

  test('a placement of another service stays; so does one outside a token’s environments', async () => {
    const made = await place();
    expect((await remove({ ...made, serviceId: (await place()).serviceId })).status).toBe(404);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await remove(made, { token: other.token })).status).toBe(404);
    expect((await remove(made)).status).toBe(204);
  });
});

describe('409', () => {
  test.each([
    ['service', 'queued'],
    ['service_deployment', 'running'],
  ])('while an operation on the %s is %s', async (type, state) => {
    const made = await place();
    const operationId = await operation(type, type === 'service' ? made.serviceId : made.id, state);
    const answer = await remove(made);
    expect([answer.status, answer.body.code]).toEqual([409, 'CONFLICT']);
    expect(answer.body.details).toEqual({ state, operationId });
    await portolan.sql("update operations set state = 'cancelled' where id = $1", [operationId]);
    expect((await remove(made)).status).toBe(204);
  });
});

describe('412', () => {
  test('when If-Match names another version', async () => {
    const made = await place();
    expect((await remove(made, { headers: { 'if-match': '"2.x"' } })).status).toBe(412);
    expect((await remove(made, { headers: { 'if-match': '"1.x"' } })).status).toBe(204);
  });
});
