import { environment, token } from '../../support/fixtures';
import { usedKey } from '../../support/keyUses';
import { type Portolan, startPortolan } from '../../support/portolan';
import { configFileRow, secretRow, uniqueKey, varRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const get = (id: string, more: object = {}) => portolan.call('getVar', { path: { id }, ...more });

describe('200', () => {
  test('all members, as they were set', async () => {
    const key = uniqueKey();
    const id = await varRow(portolan, envId, { key, description: 'why', version: 4, value: 'text' });
    const answer = await get(id);
    expect(answer.body).toEqual({
      var: {
        id,
        environmentId: envId,
        key,
        value: 'text',
        description: 'why',
        shadowedBySecret: false,
        valueUpdatedAt: expect.any(String),
        usedByConfigFiles: [],
        usedByServices: [],
        usageCount: 0,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    });
    expect(answer.headers.etag).toMatch(/^"4\./);
  });

  test('what uses it: files themselves and through fragments, services and placements; of its own environment only', async () => {
    const { key, uses } = await usedKey(portolan, await environment(portolan));
    const [{ environment_id: place }] = await portolan.sql('select environment_id from config_files where id = $1', [
      uses.usedByConfigFiles[0]?.id,
    ]);
    const id = await varRow(portolan, place, { key });
    expect((await get(id)).body.var).toMatchObject(uses);
    expect((await get(await varRow(portolan, place))).body.var).toMatchObject({ usedByConfigFiles: [], usageCount: 0 });
  });

  test('a secret of the same key shadows it, one of another environment does not', async () => {
    const key = uniqueKey();
    const id = await varRow(portolan, envId, { key });
    await secretRow(portolan, await environment(portolan), { key });
    expect((await get(id)).body.var.shadowedBySecret).toBe(false);
    await secretRow(portolan, envId, { key });
    expect((await get(id)).body.var.shadowedBySecret).toBe(true);
  });

  test('the ETag changes with what uses it', async () => {
    const key = uniqueKey();
    const id = await varRow(portolan, envId, { key });
    const etag = (await get(id)).headers.etag;
    await configFileRow(portolan, envId, [key]);
    expect((await get(id)).headers.etag).not.toBe(etag);
  });
});

test('304 for the ETag that it has', async () => {
  const id = await varRow(portolan, envId);
  const etag = String((await get(id)).headers.etag);
  const answer = await get(id, { headers: { 'if-none-match': etag } });
  expect([answer.status, answer.text]).toEqual([304, '']);
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await get(id)).status).toBe(404);
  });

  test('in an environment outside of the token’s', async () => {
    const id = await varRow(portolan, envId);
    const other = await token(portolan, { role: 'viewer', environments: [await environment(portolan)] });
    expect((await get(id, { token: other.token })).status).toBe(404);
    const own = await token(portolan, { role: 'viewer', environments: [envId] });
    expect((await get(id, { token: own.token })).status).toBe(200);
  });
});
