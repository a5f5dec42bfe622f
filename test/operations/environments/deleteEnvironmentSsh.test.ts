import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { fingerprintOf, newEd25519 } from '../../support/sshKeys';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const remove = (id: string, more: object = {}) => portolan.call('deleteEnvironmentSsh', { path: { id }, ...more });
const withKey = async () => {
  const id = await environment(portolan);
  const sshPrivateKey = newEd25519();
  await portolan.call('setEnvironmentSsh', { path: { id }, body: { sshPrivateKey } });
  return { id, sshPrivateKey };
};

describe('204', () => {
  test('the key is gone, and the history says so', async () => {
    const { id, sshPrivateKey } = await withKey();
    expect((await remove(id)).status).toBe(204);
    expect((await portolan.call('getEnvironmentSsh', { path: { id } })).body.configured).toBe(false);
    expect(await portolan.sql('select 1 from environment_ssh where environment_id = $1', [id])).toEqual([]);
    const rows = await portolan.sql<any>(
      'select action, details from audit_logs where resource_id = $1 order by id desc limit 1',
      [id],
    );
    expect(rows).toEqual([
      {
        action: 'update',
        details: {
          changed: ['sshPrivateKey', 'configured', 'keyType', 'fingerprint'],
          before: { configured: true, keyType: 'ed25519', fingerprint: fingerprintOf(sshPrivateKey) },
          after: { configured: false, keyType: null, fingerprint: null },
        },
      },
    ]);
  });

  test('an environment is deleted with its key and its settings', async () => {
    const { id } = await withKey();
    await portolan.call('updateEnvironmentSettings', { path: { id, module: 'general' }, body: { sshUser: 'deploy' } });
    expect((await portolan.call('deleteEnvironment', { path: { id } })).status).toBe(204);
    expect(await portolan.sql('select 1 from environment_ssh where environment_id = $1', [id])).toEqual([]);
    expect(await portolan.sql('select 1 from environment_settings where environment_id = $1', [id])).toEqual([]);
  });
});

describe('404', () => {
  test('when no key is set, also the second time', async () => {
    const { id } = await withKey();
    await remove(id);
    const answer = await remove(id);
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
    expect(answer.body.message).toMatch(/has no SSH key/);
  });
});

describe('412', () => {
  test('when somebody set another key since', async () => {
    const { id } = await withKey();
    const { etag } = (await portolan.call('getEnvironmentSsh', { path: { id } })).headers;
    expect((await remove(id, { headers: { 'if-match': '"0.0"' } })).status).toBe(412);
    expect((await remove(id, { headers: { 'if-match': String(etag) } })).status).toBe(204);
  });
});
