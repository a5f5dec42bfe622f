import { uuidv7 } from 'uuidv7';
import { environment } from '../../support/fixtures';
import { readToEnd } from '../../support/lists';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan({ KEEP_STAGED_DROPLETS: '7', ALLOW_UNKNOWN_REPOSITORIES: 'false' });
});
afterAll(() => portolan.close());

const list = (id: string, query: object = {}) =>
  portolan.call('listEnvironmentSettings', { path: { id }, query: query as never });
const names = ({ body }: { body: any }) => body.modules.map(({ module }: any) => module);

describe('200', () => {
  test('every module, as it is alone', async () => {
    const id = await environment(portolan);
    await portolan.call('updateEnvironmentSettings', { path: { id, module: 'monitoring' }, body: { healthIntervalSec: 30 } });
    const { body } = await list(id);
    expect(names({ body })).toEqual(['configuration', 'data', 'general', 'monitoring', 'operations']);
    expect([body.total, body.nextCursor]).toEqual([5, null]);
    for (const { module, settings, definitions } of body.modules) {
      expect((await portolan.call('getEnvironmentSettings', { path: { id, module } })).body).toEqual({ settings, definitions });
      expect(definitions.map(({ key }: any) => key)).toEqual(Object.keys(settings));
    }
    expect(body.modules[3].settings).toEqual({ collectMetrics: false, healthIntervalSec: 30 });
  });

  test('what the variables of the process say is the default', async () => {
    const { body } = await list(await environment(portolan));
    expect(body.modules[0].settings.allowUnknownRepositories).toBe(false);
    expect(body.modules[4].settings.keepStagedDroplets).toBe(7);
    expect(body.modules[4].definitions.find(({ key }: any) => key === 'keepStagedDroplets').default).toBe(7);
  });

  test('pages of two give every module once; q searches their names', async () => {
    const id = await environment(portolan);
    const rows = await readToEnd(portolan, { operationId: 'listEnvironmentSettings', member: 'modules' }, { path: { id } });
    expect(rows.map(({ module }: any) => module)).toEqual(['configuration', 'data', 'general', 'monitoring', 'operations']);
    expect(names(await list(id, { sort: '-module', limit: 1 }))).toEqual(['operations']);
    expect(names(await list(id, { q: 'RATION' }))).toEqual(['configuration', 'operations']);
    expect(names(await list(id, { offset: 4 }))).toEqual(['operations']);
  });
});

describe('400', () => {
  test.each([
    ['limit', { limit: 0 }],
    ['sort', { sort: 'key' }],
    ['cursor', { cursor: 'none' }],
    ['modules', { modules: 'general' }],
  ])('%s', async (field, query) => {
    const answer = await list(await environment(portolan), query);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });
});

describe('404', () => {
  test('of an environment that there is not, also with a bad query', async () => {
    expect((await list(uuidv7())).status).toBe(404);
    expect((await list(uuidv7(), { limit: 0 })).status).toBe(404);
  });
});
