import { systemSettingsOf } from '../../../src/domain/settings/systemSettings';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const reset = (more: object = {}) => portolan.call('resetSystemSettings', more);
const update = (body: object) => portolan.call('updateSystemSettings', { body });

describe('200', () => {
  test('all keys go back to their defaults; once more changes nothing', async () => {
    await update({ registryMaxTags: 20, publicUrl: 'https://portolan.example', backupRetentionPreset: 'lean' });
    const answer = await reset();
    expect(answer.body).toEqual({ settings: systemSettingsOf({}, {}) });
    expect(portolan.context.liveSettings.current()).toEqual(answer.body.settings);
    expect((await reset()).headers.etag).toBe(answer.headers.etag);
    const rows = await portolan.sql<any>(
      "select details from audit_logs where resource_type = 'system_settings' and action = 'reset'",
    );
    expect(rows).toHaveLength(1);
    expect(rows[0].details.before).toMatchObject({ registryMaxTags: 20, backupRetentionPreset: 'lean' });
  });
});

describe('412', () => {
  test('when somebody changed them since', async () => {
    const { etag } = (await portolan.call('getSystemSettings')).headers;
    await update({ registryMaxTags: 30 });
    expect((await reset({ headers: { 'if-match': etag } })).status).toBe(412);
    expect((await portolan.call('getSystemSettings')).body.settings.registryMaxTags).toBe(30);
  });
});
