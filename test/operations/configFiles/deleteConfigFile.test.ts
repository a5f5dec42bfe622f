import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { attach, createFile, createFragment, updateFile } from './files';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const remove = (id: string) => portolan.call('deleteConfigFile', { path: { id } });

describe('204', () => {
  test('it is gone with its history, its name is free and its fragments are unused', async () => {
    const part = await createFragment(portolan, envId);
    const { id, name } = await createFile(portolan, envId, { fragmentIds: [part.id], content: '${KEY}' });
    await updateFile(portolan, id, { content: 'new' });
    expect((await remove(id)).status).toBe(204);
    expect((await remove(id)).status).toBe(404);
    for (const table of ['config_file_history', 'config_file_keys', 'config_file_fragments']) {
      expect(await portolan.sql(`select from ${table} where config_file_id = $1`, [id])).toHaveLength(0);
    }
    expect((await createFile(portolan, envId, { name })).name).toBe(name);
    expect((await portolan.call('deleteConfigFragment', { path: { id: part.id } })).status).toBe(204);
  });
});

describe('409', () => {
  test('services have it attached: each is named once', async () => {
    const { id } = await createFile(portolan, envId);
    const { serviceId, serviceName } = await attach(portolan, envId, id);
    const answer = await remove(id);
    expect([answer.status, answer.body.code]).toEqual([409, 'CONFLICT']);
    expect(answer.body.details).toEqual({ inUseBy: [{ type: 'service', id: serviceId, name: serviceName }], inUseByTotal: 1 });
    await portolan.sql('delete from service_files where config_file_id = $1', [id]);
    expect((await remove(id)).status).toBe(204);
  });
});
