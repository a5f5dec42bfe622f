import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { imageRow, registryRow } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterAll(() => portolan.close());

const get = (id: string, more: object = {}) => portolan.call('getRegistry', { path: { id }, ...more });

describe('200', () => {
  test('every member, as stored', async () => {
    const error = { reason: 'timeout', message: 'ghcr.io does not answer.', at: '2026-03-01T08:00:00.000Z' };
    const id = await registryRow(portolan, envId, {
      name: 'ghcr',
      registry_url: 'https://ghcr.io/',
      username: ' ci ',
      password_sealed: 'v1.k1.x.y',
      refresh_interval_minutes: 7.25,
      last_refresh_at: '2026-03-01T08:00:00.12Z',
      last_refresh_status: 'failed',
      last_refresh_error: JSON.stringify(error),
      created_at: '2026-02-01T10:00:00+02:00',
      updated_at: '2026-02-01T10:00:00Z',
    });
    const { body } = await get(id);
    expect(body).toEqual({
      registry: {
        id,
        environmentId: envId,
        name: 'ghcr',
        type: 'generic',
        registryUrl: 'https://ghcr.io/',
        repositoryPrefix: null,
        username: ' ci ',
        hasToken: false,
        hasPassword: true,
        isDefault: false,
        refreshIntervalMinutes: 7.25,
        autoLinkPattern: null,
        lastRefreshAt: '2026-03-01T08:00:00.120Z',
        lastRefreshStatus: 'failed',
        lastRefreshError: error,
        imageCount: 0,
        _count: { containerImages: 0 },
        createdAt: '2026-02-01T08:00:00.000Z',
        updatedAt: '2026-02-01T10:00:00.000Z',
      },
    });
  });

  test('a token that is limited to the environment sees it', async () => {
    const own = await token(portolan, { role: 'viewer', scopes: ['registries:read'], environments: [envId] });
    expect((await get(await registryRow(portolan, envId), { token: own.token })).status).toBe(200);
  });
});

describe('304', () => {
  test('until something shows differently', async () => {
    const id = await registryRow(portolan, envId);
    const first = await get(id);
    const headers = { 'if-none-match': String(first.headers.etag) };
    const same = await get(id, { headers });
    expect([same.status, same.text, same.headers.etag]).toEqual([304, '', first.headers.etag]);
    await imageRow(portolan, envId, { registry_connection_id: id });
    const changed = await get(id, { headers });
    expect([changed.status, changed.body.registry.imageCount]).toEqual([200, 1]);
    expect(String(changed.headers.etag).split('.')[0]).toBe(String(first.headers.etag).split('.')[0]);
  });

  test('for a HEAD too', async () => {
    const id = await registryRow(portolan, envId);
    const etag = String((await get(id)).headers.etag);
    const head = await portolan.send('HEAD', `/api/registries/${id}`);
    expect([head.status, head.headers.etag, head.text]).toEqual([200, etag, '']);
    const same = await portolan.send('HEAD', `/api/registries/${id}`, { headers: { 'if-none-match': etag } });
    expect(same.status).toBe(304);
  });
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000', '01920000-0000-7000-8000-00000000000G', '%2F'])('%s', async (id) => {
    const answer = await get(id);
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
  });

  test('a connection outside of the token’s environments', async () => {
    const other = await token(portolan, { environments: [await environment(portolan)] });
    const id = await registryRow(portolan, envId);
    const hidden = await get(id, { token: other.token });
    expect(hidden.status).toBe(404);
    const nothing = await get('01920000-0000-7000-8000-000000000000', { token: other.token });
    expect(hidden.text.replace(id, '').replace(hidden.body.requestId, '')).toBe(
      nothing.text.replace('01920000-0000-7000-8000-000000000000', '').replace(nothing.body.requestId, ''),
    );
  });
});
