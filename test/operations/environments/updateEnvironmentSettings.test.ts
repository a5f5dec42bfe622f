import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const update = (id: string, module: string, body: unknown, more: object = {}) =>
  portolan.call('updateEnvironmentSettings', { path: { id, module }, body, ...more });
const read = async (id: string, module: string) =>
  (await portolan.call('getEnvironmentSettings', { path: { id, module } })).body.settings;

/** Key, module, a value that is not the default, and the default. */
const settings: [key: string, module: string, value: unknown, fallback: unknown][] = [
  ['sshUser', 'general', 'deploy', 'root'],
  ['collectMetrics', 'monitoring', true, false],
  ['healthIntervalSec', 'monitoring', 15, 60],
  ['defaultDockerMode', 'operations', 'socket', 'ssh'],
  ['autoPruneImages', 'operations', true, false],
  ['pruneImagesMode', 'operations', 'all', 'dangling'],
  ['autoManageCompose', 'operations', true, false],
  ['keepStagedDroplets', 'operations', 1000, 42],
  ['allowBackupDownload', 'data', true, false],
  ['defaultMonitoringEnabled', 'data', true, false],
  ['defaultCollectionIntervalSec', 'data', 3600, 300],
  ['allowSecretReveal', 'configuration', false, true],
  ['allowUnknownRepositories', 'configuration', false, true],
];

describe('200', () => {
  test.each(settings)('%s: a value sets, absent keeps, null goes back to the default', async (key, module, value, fallback) => {
    const id = await environment(portolan);
    const before = await read(id, module);
    expect((await update(id, module, { [key]: value })).body).toEqual({ settings: { ...before, [key]: value } });
    expect((await update(id, module, {})).body.settings[key]).toBe(value);
    expect((await update(id, module, { [key]: null })).body).toEqual({ settings: { ...before, [key]: fallback } });
    expect(await read(id, module)).toEqual(before);
  });

  test('what changes nothing leaves version and history alone', async () => {
    const id = await environment(portolan);
    const version = async (body: object) => String((await update(id, 'monitoring', body)).headers.etag).slice(0, 3);
    for (const body of [{}, { healthIntervalSec: 60 }, { collectMetrics: null }]) expect(await version(body)).toBe('"0.');
    expect(await version({ healthIntervalSec: 30 })).toBe('"1.');
    expect(await version({ healthIntervalSec: 30, collectMetrics: false })).toBe('"1.');
    expect(await version({ collectMetrics: true })).toBe('"2.');
    expect(await portolan.sql('select 1 from audit_logs where resource_id = $1', [id])).toHaveLength(2);
  });

  test('the audit row holds old and new values', async () => {
    const id = await environment(portolan);
    await update(id, 'configuration', { allowSecretReveal: false });
    const rows = await portolan.sql(
      'select action, resource_type, resource_name, environment_id, details from audit_logs where resource_id = $1',
      [id],
    );
    const change = { changed: ['allowSecretReveal'], before: { allowSecretReveal: true }, after: { allowSecretReveal: false } };
    expect(rows).toEqual([
      {
        action: 'update',
        resource_type: 'environment_settings',
        resource_name: 'configuration',
        environment_id: id,
        details: change,
      },
    ]);
  });

  test('changes at the same time are all kept', async () => {
    const id = await environment(portolan);
    await Promise.all(
      settings
        .filter(([, module]) => module === 'operations')
        .map(([key, module, value]) => update(id, module, { [key]: value })),
    );
    expect(await read(id, 'operations')).toEqual({
      defaultDockerMode: 'socket',
      autoPruneImages: true,
      pruneImagesMode: 'all',
      autoManageCompose: true,
      keepStagedDroplets: 1000,
    });
  });
});

describe('400', () => {
  test.each<[field: string, module: string, value: unknown]>([
    ['sshUser', 'general', ''],
    ['sshUser', 'general', 7],
    ['sshUser', 'general', 'a:b'],
    ['sshUser', 'general', '-l'],
    ['collectMetrics', 'monitoring', 'true'],
    ['healthIntervalSec', 'monitoring', 14],
    ['healthIntervalSec', 'monitoring', 3601],
    ['healthIntervalSec', 'monitoring', '60'],
    ['healthIntervalSec', 'monitoring', 60.5],
    ['defaultDockerMode', 'operations', 'tcp'],
    ['pruneImagesMode', 'operations', ''],
    ['keepStagedDroplets', 'operations', 0],
    ['keepStagedDroplets', 'operations', 1001],
    ['defaultCollectionIntervalSec', 'data', 59],
    ['defaultCollectionIntervalSec', 'data', 3601],
    ['allowSecretReveal', 'configuration', 0],
    ['allowSecretReveal', 'general', false],
    ['allowReveal', 'configuration', false],
  ])('%s of %s: %j', async (field, module, value) => {
    const id = await environment(portolan);
    const before = await read(id, module);
    const answer = await update(id, module, { [field]: value });
    expect([answer.status, answer.body.field]).toEqual([400, field]);
    expect(await read(id, module)).toEqual(before);
  });

  test('every key that is wrong is told, and nothing is applied', async () => {
    const id = await environment(portolan);
    const answer = await update(id, 'operations', { autoPruneImages: true, keepStagedDroplets: 0, pruneImagesMode: 'x' });
    expect(answer.body.details.map(({ field }: any) => field)).toEqual(['keepStagedDroplets', 'pruneImagesMode']);
    expect((await read(id, 'operations')).autoPruneImages).toBe(false);
  });
});

describe('404', () => {
  test('of a module that there is not, whatever the body', async () => {
    const id = await environment(portolan);
    expect((await update(id, 'ssh', { sshUser: 7 })).status).toBe(404);
  });
});

describe('412', () => {
  test('when somebody changed the module since', async () => {
    const id = await environment(portolan);
    const { etag } = (await portolan.call('getEnvironmentSettings', { path: { id, module: 'general' } })).headers;
    const headers = { 'if-match': etag };
    expect((await update(id, 'general', { sshUser: 'a' }, { headers })).status).toBe(200);
    expect((await update(id, 'general', { sshUser: 'b' }, { headers })).status).toBe(412);
    expect(await read(id, 'general')).toEqual({ sshUser: 'a' });
  });
});
