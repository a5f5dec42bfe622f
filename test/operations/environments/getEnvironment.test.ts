import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { registryRow } from '../../support/rows';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const get = (id: string, more: object = {}) => portolan.call('getEnvironment', { path: { id }, ...more });

describe('200', () => {
  test('every member; the name stands in for a display name that is not set', async () => {
    const id = await environment(portolan, 'harbour');
    await portolan.sql("update environments set created_at = '2026-02-01T10:00:00Z', updated_at = '2026-02-01T10:00:00Z' where id = $1", [id]);
    expect((await get(id)).body).toEqual({
      environment: {
        id,
        name: 'harbour',
        displayName: 'harbour',
        sshConfigured: false,
        protected: false,
        _count: { servers: 0, services: 0, secrets: 0, vars: 0, databases: 0, registries: 0, containerImages: 0 },
        createdAt: '2026-02-01T10:00:00.000Z',
        updatedAt: '2026-02-01T10:00:00.000Z',
      },
    });
    await portolan.sql("update environments set display_name = 'Hafen' where id = $1", [id]);
    expect((await get(id)).body.environment.displayName).toBe('Hafen');
  });

  test('management is protected', async () => {
    const [{ id }] = (await portolan.call('listEnvironments', { query: { name: 'management' } })).body.environments;
    expect((await get(id)).body.environment.protected).toBe(true);
  });

  test('for a token that is limited to it', async () => {
    const id = await environment(portolan);
    const own = await token(portolan, { role: 'viewer', environments: [id] });
    expect((await get(id, { token: own.token })).status).toBe(200);
  });
});

describe('304', () => {
  test('until a count changes, which leaves the version', async () => {
    const id = await environment(portolan);
    const etag = String((await get(id)).headers.etag);
    const headers = { 'if-none-match': etag };
    expect((await get(id, { headers })).status).toBe(304);
    await registryRow(portolan, id);
    const changed = await get(id, { headers });
    expect([changed.status, String(changed.headers.etag).split('.')[0]]).toEqual([200, etag.split('.')[0]]);
  });
});

describe('404', () => {
  test.each(['example', 'management', '01920000-0000-7000-8000-000000000000'])('%s', async (id) => {
    expect((await get(id)).status).toBe(404);
  });

  test('an environment outside of the token’s', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    expect((await get(await environment(portolan), { token: other.token })).status).toBe(404);
    const none = await token(portolan, { environments: [] });
    expect((await get(await environment(portolan), { token: none.token })).status).toBe(404);
  });
});
