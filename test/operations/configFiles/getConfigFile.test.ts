import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { attach, createFile, createFragment, place, updateFile } from './files';

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

  test('what was delivered is compared with what would be rendered now', async () => {
    const other = await environment(portolan);
    await portolan.sql(`insert into vars (id, environment_id, key, value) values (gen_random_uuid(), $1, 'KEY', 'one')`, [other]);
    const part = await createFragment(portolan, other, { name: 'part', content: 'a=${KEY}' });
    const { id } = await createFile(portolan, other, { content: 'b', fragmentIds: [part.id] });
    const { serviceId, serviceFileId } = await attach(portolan, other, id);
    const placements = [await place(portolan, other, serviceId), await place(portolan, other, serviceId)];
    const deliver = (placement: string | undefined, text: string) =>
      portolan.sql(
        `insert into service_file_deliveries (service_file_id, service_deployment_id, checksum)
         values ($1, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex'))
         on conflict (service_file_id, service_deployment_id) do update set checksum = excluded.checksum`,
        [serviceFileId, placement, text],
      );
    const status = async () => {
      const { syncStatus, syncCounts, services } = await get(id);
      const chosen = [];
      for (const one of ['synced', 'pending', 'never', 'not_attached', 'synced,never']) {
        const list = await portolan.call('listConfigFiles', { path: { envId: other }, query: `syncStatus=${one}` });
        if (list.body.total > 0) chosen.push(one);
      }
      return [syncStatus, syncCounts, services[0].lastSyncedAt !== null, chosen];
    };
    const rendered = (value: string) => `# fragment part\na=${value}\n\n# own content\nb`;

    expect(await status()).toEqual(['never', { synced: 0, pending: 0, never: 2, total: 2 }, false, ['never', 'synced,never']]);
    await deliver(placements[0], rendered('one'));
    expect(await status()).toEqual(['pending', { synced: 1, pending: 0, never: 1, total: 2 }, true, ['pending']]);
    await deliver(placements[1], rendered('one'));
    expect(await status()).toEqual(['synced', { synced: 2, pending: 0, never: 0, total: 2 }, true, ['synced', 'synced,never']]);
    await portolan.sql(`update vars set value = 'two' where environment_id = $1`, [other]);
    expect(await status()).toEqual(['pending', { synced: 0, pending: 2, never: 0, total: 2 }, true, ['pending']]);
    await portolan.sql(`update vars set value = 'one' where environment_id = $1`, [other]);
    const answer = await portolan.call('updateConfigFragment', { path: { id: part.id }, body: { content: 'a=1' } });
    expect([answer.status, (await status())[0]]).toEqual([200, 'pending']);
    const changed = await updateFile(portolan, id, { fragmentIds: [], content: 'c' });
    expect(changed.body.configFile.syncCounts).toEqual({ synced: 0, pending: 2, never: 0, total: 2 });
  });
});
