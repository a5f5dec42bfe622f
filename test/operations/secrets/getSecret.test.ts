import { environment, token } from '../../support/fixtures';
import { usedKey } from '../../support/keyUses';
import { type Portolan, startPortolan } from '../../support/portolan';
import { configFileRow, secretRow, uniqueKey } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const get = (id: string, more: object = {}) => portolan.call('getSecret', { path: { id }, ...more });

describe('200', () => {
  test('all members, as they were set', async () => {
    const key = uniqueKey();
    const id = await secretRow(portolan, envId, { key, description: 'why', version: 4, never_reveal: true }, 'canary');
    const answer = await get(id);
    expect(answer.body).toEqual({
      secret: {
        id,
        environmentId: envId,
        key,
        neverReveal: true,
        description: 'why',
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
    const id = await secretRow(portolan, place, { key });
    expect((await get(id)).body.secret).toMatchObject(uses);
    expect((await get(await secretRow(portolan, place))).body.secret).toMatchObject({ usedByConfigFiles: [], usageCount: 0 });
  });

  test('the ETag says nothing of the value, and changes with what uses it', async () => {
    const key = uniqueKey();
    const id = await secretRow(portolan, envId, { key }, 'one');
    const etag = (await get(id)).headers.etag;
    const [{ value_sealed: other }] = await portolan.sql('select value_sealed from secrets where id = $1', [
      await secretRow(portolan, envId, {}, 'another'),
    ]);
    await portolan.sql('update secrets set value_sealed = $2 where id = $1', [id, other]);
    expect((await get(id)).headers.etag).toBe(etag);
    await configFileRow(portolan, envId, [key]);
    const used = (await get(id)).headers.etag;
    expect(String(used).split('.')[0]).toBe(String(etag).split('.')[0]);
    expect(used).not.toBe(etag);
  });
});

test('304 for the ETag that it has', async () => {
  const id = await secretRow(portolan, envId);
  const etag = String((await get(id)).headers.etag);
  const answer = await get(id, { headers: { 'if-none-match': etag } });
  expect([answer.status, answer.text]).toEqual([304, '']);
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await get(id)).status).toBe(404);
  });

  test('in an environment outside of the token’s', async () => {
    const id = await secretRow(portolan, envId);
    const other = await token(portolan, { role: 'viewer', environments: [await environment(portolan)] });
    expect((await get(id, { token: other.token })).status).toBe(404);
    const own = await token(portolan, { role: 'viewer', environments: [envId] });
    expect((await get(id, { token: own.token })).status).toBe(200);
  });
});
