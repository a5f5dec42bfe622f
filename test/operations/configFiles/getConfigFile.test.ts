import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { attach, createFile, place } from './files';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const get = async (id: string) => (await portolan.call('getConfigFile', { path: { id } })).body.configFile;

describe('200', () => {
  test('where it is attached, and how many targets that makes', async () => {
    const { id } = await createFile(portolan, envId);
    const { serviceId, serviceName, serviceFileId } = await attach(portolan, envId, id, '/etc/a');
    expect(await get(id)).toMatchObject({
      syncStatus: 'never',
      syncCounts: { synced: 0, pending: 0, never: 0, total: 0 },
      services: [
        {
          id: serviceFileId,
          targetPath: '/etc/a',
          kind: 'base',
          lastSyncedAt: null,
          serviceDeploymentId: null,
          service: { id: serviceId, name: serviceName },
        },
      ],
    });
    const placements = [await place(portolan, envId, serviceId), await place(portolan, envId, serviceId)];
    expect((await get(id)).syncCounts).toEqual({ synced: 0, pending: 0, never: 2, total: 2 });

    // An attachment of one placement replaces the base there, and is no further target.
    await portolan.sql(
      `insert into service_files (id, service_id, config_file_id, service_deployment_id, target_path)
       values (gen_random_uuid(), $1, $2, $3, '/etc/b')`,
      [serviceId, id, placements[0]],
    );
    const file = await get(id);
    expect(file.syncCounts).toEqual({ synced: 0, pending: 0, never: 2, total: 2 });
    expect(file.services.map((one: any) => [one.kind, one.targetPath, one.serviceDeploymentId])).toEqual([
      ['base', '/etc/a', null],
      ['override', '/etc/b', placements[0]],
    ]);
  });
});
