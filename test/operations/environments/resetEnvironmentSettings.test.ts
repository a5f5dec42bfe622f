import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const reset = (id: string, module: string, more: object = {}) =>
  portolan.call('resetEnvironmentSettings', { path: { id, module }, ...more });
const changed = async () => {
  const id = await environment(portolan);
  for (const [module, body] of Object.entries({ general: { sshUser: 'a' }, monitoring: { collectMetrics: true } })) {
    await portolan.call('updateEnvironmentSettings', { path: { id, module }, body });
  }
  return id;
};

describe('200', () => {
  test('the module goes back to its defaults, others stay', async () => {
    const id = await changed();
    const answer = await reset(id, 'general');
    expect(answer.body).toEqual({ settings: { sshUser: 'root' } });
    expect(answer.headers.etag).toMatch(/^"2\./);
    const other = await portolan.call('getEnvironmentSettings', { path: { id, module: 'monitoring' } });
    expect(other.body.settings.collectMetrics).toBe(true);
    const rows = await portolan.sql("select details from audit_logs where resource_id = $1 and action = 'reset'", [id]);
    expect(rows).toEqual([{ details: { changed: ['sshUser'], before: { sshUser: 'a' }, after: { sshUser: 'root' } } }]);
  });

  test('once more changes nothing', async () => {
    const id = await changed();
    const { etag } = (await reset(id, 'general')).headers;
    expect((await reset(id, 'general')).headers.etag).toBe(etag);
    expect(await portolan.sql("select 1 from audit_logs where resource_id = $1 and action = 'reset'", [id])).toHaveLength(1);
  });
});

describe('404', () => {
  test('of a module that there is not', async () => {
    expect((await reset(await environment(portolan), 'none')).status).toBe(404);
  });
});

describe('412', () => {
  test('when somebody changed the module since', async () => {
    const id = await changed();
    expect((await reset(id, 'general', { headers: { 'if-match': '"0.1"' } })).status).toBe(412);
    expect((await reset(id, 'general', { headers: { 'if-match': '"1.1"' } })).status).toBe(200);
  });
});
