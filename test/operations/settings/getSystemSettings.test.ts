import { systemSettingsOf } from '../../../src/domain/settings/systemSettings';
import { token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const read = (more: object = {}) => portolan.call('getSystemSettings', more);

describe('200', () => {
  test('the shipped settings, which are their defaults', async () => {
    const answer = await read();
    expect(answer.body).toEqual({ settings: systemSettingsOf({}, {}), defaults: systemSettingsOf({}, {}) });
    expect(answer.body.settings).toMatchObject({ registryTimeoutMs: 15_000, publicUrl: null, timezone: 'UTC' });
    expect(answer.headers.etag).toMatch(/^"1\./);
  });

  test('the variables of the process are the defaults; what is set goes before them', async () => {
    const other = await startPortolan({
      REGISTRY_TIMEOUT_MS: '2000',
      REGISTRY_MAX_CONCURRENCY_PER_HOST: '2',
      REGISTRY_MAX_TAGS: '20',
      IMAGE_DIGEST_RETENTION_DAYS: '5',
      AUTO_UPDATE_MIN_AGE_MINUTES: '3',
      PUBLIC_URL: 'https://portolan.example/',
    });
    try {
      const given = {
        registryTimeoutMs: 2000,
        registryMaxConcurrencyPerHost: 2,
        registryMaxTags: 20,
        imageDigestRetentionDays: 5,
        autoUpdateMinAgeMinutes: 3,
        publicUrl: 'https://portolan.example',
      };
      const defaults = { ...systemSettingsOf({}, {}), ...given };
      expect((await other.call('getSystemSettings')).body).toEqual({ settings: defaults, defaults });
      await other.call('updateSystemSettings', { body: { registryMaxTags: 500, publicUrl: 'https://set.example' } });
      const settings = { ...defaults, registryMaxTags: 500, publicUrl: 'https://set.example' };
      expect((await other.call('getSystemSettings')).body).toEqual({ settings, defaults });
    } finally {
      await other.close();
    }
  });

  test('a viewer reads them, also with a token that is limited to environments', async () => {
    for (const wishes of [{ role: 'viewer' as const }, { environments: [] }]) {
      expect((await read({ token: (await token(portolan, wishes)).token })).status).toBe(200);
    }
  });
});

describe('304', () => {
  test('while nothing changed', async () => {
    const { etag } = (await read()).headers;
    expect((await read({ headers: { 'if-none-match': etag } })).status).toBe(304);
    await portolan.call('updateSystemSettings', { body: { timezone: 'Europe/Berlin' } });
    expect((await read({ headers: { 'if-none-match': etag } })).status).toBe(200);
  });
});
