import { containerImage, digest, service } from '../../support/catalogue';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const remove = (id: string, more: object = {}) => portolan.call('deleteContainerImage', { path: { id }, ...more });
const status = async (id: string) => (await portolan.call('getContainerImage', { path: { id } })).status;

describe('204', () => {
  test('the image is gone, and its digests with it', async () => {
    const { id, name } = await containerImage(portolan, envId);
    const digestId = await digest(portolan, id);
    await portolan.sql('update container_images set latest_digest_id = $1, deployed_digest_id = $1 where id = $2', [
      digestId,
      id,
    ]);
    const answer = await remove(id);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect([await status(id), (await remove(id)).status]).toEqual([404, 404]);
    expect(await portolan.sql('select from image_digests where container_image_id = $1', [id])).toEqual([]);
    const rows = await portolan.sql("select * from audit_logs where resource_id = $1 and action = 'delete'", [id]);
    expect(rows).toMatchObject([{ operation_id: 'deleteContainerImage', resource_name: name, environment_id: envId }]);
  });

  test('an Idempotency-Key replays the 204', async () => {
    const { id } = await containerImage(portolan, envId);
    const headers = { 'idempotency-key': unique('key') };
    await remove(id, { headers });
    const again = await remove(id, { headers });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([204, 'true']);
  });
});

describe('404', () => {
  test('an unknown image, and one outside a token’s environments', async () => {
    expect((await remove('example')).status).toBe(404);
    const { id } = await containerImage(portolan, envId);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await remove(id, { token: other.token })).status).toBe(404);
    expect(await status(id)).toBe(200);
  });
});

describe('409', () => {
  test('while services use it', async () => {
    const { id } = await containerImage(portolan, envId);
    const first = await service(portolan, envId, { containerImageId: id, name: 'used a' } as object);
    const second = await service(portolan, envId, { containerImageId: id, name: 'used b' } as object);
    const answer = await remove(id);
    expect([answer.status, answer.body.code]).toEqual([409, 'CONFLICT']);
    expect(answer.body.details).toEqual({
      inUseBy: [
        { type: 'service', id: first.id, name: 'used a' },
        { type: 'service', id: second.id, name: 'used b' },
      ],
      inUseByTotal: 2,
    });
    expect(await status(id)).toBe(200);
  });

  test('names 50 of them and counts all', async () => {
    const { id } = await containerImage(portolan, envId);
    await portolan.sql(
      `insert into services (id, environment_id, name, container_image_id)
       select gen_random_uuid(), $1, 'many ' || i, $2 from generate_series(1, 51) i`,
      [envId, id],
    );
    const { details } = (await remove(id)).body;
    expect([details.inUseBy.length, details.inUseByTotal]).toEqual([50, 51]);
  });
});

describe('412', () => {
  test('when If-Match names another version', async () => {
    const { id } = await containerImage(portolan, envId);
    expect((await remove(id, { headers: { 'if-match': '"2.x"' } })).status).toBe(412);
    expect((await remove(id, { headers: { 'if-match': '"1.x"' } })).status).toBe(204);
  });
});
