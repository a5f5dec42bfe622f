import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { configFileRow, uniqueKey, varRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const remove = (id: string, more: object = {}) => portolan.call('deleteVar', { path: { id }, ...more });

describe('204', () => {
  test('it is gone, and a second deletion finds nothing', async () => {
    const id = await varRow(portolan, envId);
    expect((await remove(id)).status).toBe(204);
    expect((await portolan.call('getVar', { path: { id } })).status).toBe(404);
    expect((await remove(id)).status).toBe(404);
    const rows = await portolan.sql('select action, resource_type, success from audit_logs where resource_id = $1', [id]);
    expect(rows).toEqual([{ action: 'delete', resource_type: 'var', success: true }]);
  });

  test('also while a config file names it', async () => {
    const key = uniqueKey();
    const id = await varRow(portolan, envId, { key });
    await configFileRow(portolan, envId, [key]);
    expect((await portolan.call('getVar', { path: { id } })).body.var.usageCount).toBe(1);
    expect((await remove(id)).status).toBe(204);
  });

  test('its key is free again', async () => {
    const key = uniqueKey();
    await remove(await varRow(portolan, envId, { key }));
    const answer = await portolan.call('createVar', { path: { envId }, body: { key, value: 'x' } });
    expect(answer.status).toBe(201);
  });
});

describe('404', () => {
  test('in an environment outside of the token’s', async () => {
    const id = await varRow(portolan, envId);
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await remove(id, { token: other.token })).status).toBe(404);
  });
});

describe('412', () => {
  test('when If-Match names another version', async () => {
    const id = await varRow(portolan, envId);
    const answer = await remove(id, { headers: { 'if-match': '"7.0"' } });
    expect(answer.status).toBe(412);
    expect(answer.body.details.currentEtag).toMatch(/^"1\./);
    expect((await remove(id, { headers: { 'if-match': answer.body.details.currentEtag } })).status).toBe(204);
  });
});
