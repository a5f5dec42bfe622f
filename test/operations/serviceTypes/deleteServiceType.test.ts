import { service } from '../../support/catalogue';
import { environment } from '../../support/fixtures';
import { describeDeleteType } from '../types/deleteType';
import { serviceKind } from '../types/kinds';

const scene = describeDeleteType(serviceKind);

describe('409', () => {
  test('while services are of the type: at most 50 are listed, all are counted', async () => {
    const { id } = await scene.type();
    const envId = await environment(scene.portolan);
    const members: object = { serviceTypeId: id };
    const { id: serviceId, name, containerImageId } = await service(scene.portolan, envId, members);
    const one = await scene.call('delete', '', { path: { id } });
    expect([one.status, one.body.details]).toEqual([
      409,
      { inUseBy: [{ type: 'service', id: serviceId, name }], inUseByTotal: 1 },
    ]);

    await scene.portolan.sql(
      `insert into services (id, environment_id, name, container_image_id, service_type_id)
       select gen_random_uuid(), $1, 'many-' || n, $2, $3 from generate_series(1, 60) n`,
      [envId, containerImageId, id],
    );
    const many = await scene.call('delete', '', { path: { id } });
    expect([many.status, many.body.details.inUseBy.length, many.body.details.inUseByTotal]).toEqual([409, 50, 61]);
    expect((await scene.get(id))._count).toEqual({ services: 61 });

    await scene.portolan.sql('update services set service_type_id = null where service_type_id = $1', [id]);
    expect((await scene.call('delete', '', { path: { id } })).status).toBe(204);
  });
});
