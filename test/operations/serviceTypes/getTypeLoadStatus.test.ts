import { token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

describe('200', () => {
  test('the first start loaded every shipped file without an error', async () => {
    const { syncResult } = (await portolan.call('getTypeLoadStatus')).body;
    const none = { updated: [], skippedCustomized: [], errors: [] };
    const services = [
      'caddy',
      'celery',
      'django',
      'fastapi',
      'flask',
      'generic',
      'keycloak',
      'nginx',
      'nodejs',
      'postgres',
      'redis',
    ];
    expect(syncResult.serviceTypes).toEqual({ ...none, created: services });
    expect(syncResult.databaseTypes).toEqual({ ...none, created: ['mongodb', 'mysql', 'postgres', 'redis', 'sqlite'] });
    expect(syncResult.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('a viewer sees it', async () => {
    const { token: viewer } = await token(portolan, { role: 'viewer', scopes: ['types:read'] });
    expect((await portolan.call('getTypeLoadStatus', { token: viewer })).status).toBe(200);
  });

  test('before the first load there is none', async () => {
    await portolan.sql('delete from type_load_status');
    expect((await portolan.call('getTypeLoadStatus')).body).toEqual({ syncResult: null });
  });
});
