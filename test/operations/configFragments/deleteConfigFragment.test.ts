import { environment, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const create = async (name = unique('fragment')) =>
  (await portolan.call('createConfigFragment', { path: { envId }, body: { name, content: 'x' } })).body.fragment;
const remove = (id: string) => portolan.call('deleteConfigFragment', { path: { id } });
const createFile = (fragmentIds: string[]) =>
  portolan.call('createConfigFile', { path: { envId }, body: { name: unique('file'), filename: 'f', content: '', fragmentIds } });

describe('204', () => {
  test('it is gone, its name is free, and its audit row stays', async () => {
    const { id, name } = await create();
    expect((await remove(id)).status).toBe(204);
    expect((await remove(id)).status).toBe(404);
    expect((await create(name)).name).toBe(name);
    const rows = await portolan.sql('select action from audit_logs where resource_id = $1 order by created_at', [id]);
    expect(rows.map(({ action }) => action)).toEqual(['create', 'delete']);
  });
});

describe('409', () => {
  test('config files are made of it', async () => {
    const { id } = await create();
    const { configFile } = (await createFile([id])).body;
    const answer = await remove(id);
    expect(answer.status).toBe(409);
    expect(answer.body.details).toEqual({
      inUseBy: [{ type: 'config_file', id: configFile.id, name: configFile.name }],
      inUseByTotal: 1,
    });
    await portolan.call('updateConfigFile', { path: { id: configFile.id }, body: { fragmentIds: [] } });
    expect((await remove(id)).status).toBe(204);
  });

  test('files that begin to use it while it is deleted: one of both wins, and nothing hangs', async () => {
    for (let round = 0; round < 10; round++) {
      const { id } = await create();
      const [deleted, created] = await Promise.all([remove(id), createFile([id])]);
      if (deleted.status === 204) {
        expect([created.status, created.body.field]).toEqual([400, 'fragmentIds[0]']);
      } else {
        expect([deleted.status, created.status]).toEqual([409, 201]);
      }
    }
  });
});
