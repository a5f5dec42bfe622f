import { environment, token, unique } from '../../support/fixtures';
import { makeObjects } from '../../support/objects';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

describe('200', () => {
  test('the files that are made of it, by name, with their services', async () => {
    const make = (body: object) => portolan.call('createConfigFragment', { path: { envId }, body: { content: 'x', ...body } });
    const [first, second] = [await make({ name: 'first' }), await make({ name: 'second' })].map(({ body }) => body.fragment.id);
    const file = async (name: string, fragmentIds: string[]) =>
      (await portolan.call('createConfigFile', { path: { envId }, body: { name, filename: 'f.conf', content: '', fragmentIds } }))
        .body.configFile.id as string;
    const fileB = await file('b', [first, second]);
    const fileA = await file('a', [second]);
    const { userId } = await token(portolan);
    const { service } = await makeObjects(portolan, { userId, environmentId: envId });
    await portolan.sql(
      `insert into service_files (id, service_id, config_file_id, target_path) values (gen_random_uuid(), $1, $2, '/etc/${unique('f')}')`,
      [service, fileB],
    );
    const { body } = await portolan.call('getConfigFragment', { path: { id: second } });
    expect(body.fragment.usedByCount).toBe(2);
    expect(body.fragment.usedBy).toEqual([
      { configFileId: fileA, configFileName: 'a', configFileFilename: 'f.conf', position: 0, services: [] },
      {
        configFileId: fileB,
        configFileName: 'b',
        configFileFilename: 'f.conf',
        position: 1,
        services: [{ serviceId: service, serviceName: expect.any(String) }],
      },
    ]);
    const listed = await portolan.call('listConfigFragments', { path: { envId }, query: { name: 'second' } });
    expect(listed.body.fragments).toEqual([body.fragment]);
  });
});
