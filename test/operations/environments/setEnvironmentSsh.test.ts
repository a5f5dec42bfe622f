import { environment } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { fingerprintOf, newEd25519, refusedKeys, takenKeys } from '../../support/sshKeys';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const set = (id: string, body: unknown, more: object = {}) => portolan.call('setEnvironmentSsh', { path: { id }, body, ...more });
const reveal = async (id: string) => (await portolan.call('getEnvironmentSshKey', { path: { id } })).body;

describe('200', () => {
  test.each(Object.entries(takenKeys))('%s, kept byte for byte', async (_, { type, make }) => {
    const id = await environment(portolan);
    const sshPrivateKey = make();
    const answer = await set(id, { sshPrivateKey, sshUser: 'deploy' });
    const told = { configured: true, sshUser: 'deploy', keyType: type, fingerprint: fingerprintOf(sshPrivateKey) };
    expect([answer.status, answer.body]).toEqual([200, told]);
    expect(await reveal(id)).toEqual({ privateKey: sshPrivateKey, username: 'deploy' });
  });

  test('sshUser: absent is the setting of the environment, a value sets', async () => {
    const id = await environment(portolan);
    const sshPrivateKey = newEd25519();
    expect((await set(id, { sshPrivateKey })).body.sshUser).toBe('root');
    await portolan.call('updateEnvironmentSettings', { path: { id, module: 'general' }, body: { sshUser: 'ops' } });
    expect((await set(id, { sshPrivateKey })).body.sshUser).toBe('ops');
    expect((await set(id, { sshPrivateKey, sshUser: 'deploy' })).body.sshUser).toBe('deploy');
  });

  test('the key stands encrypted in the database, bound to its environment', async () => {
    const [id, other] = [await environment(portolan), await environment(portolan)];
    const sshPrivateKey = newEd25519();
    await set(id, { sshPrivateKey });
    await set(other, { sshPrivateKey: newEd25519() });
    const [row] = await portolan.sql<any>('select * from environment_ssh where environment_id = $1', [id]);
    expect(row.private_key_sealed).toMatch(/^v1\./);
    for (const line of sshPrivateKey.split('\n').filter(Boolean)) expect(JSON.stringify(row)).not.toContain(line);
    await portolan.sql('update environment_ssh set private_key_sealed = $2 where environment_id = $1', [
      other,
      row.private_key_sealed,
    ]);
    expect((await portolan.call('getEnvironmentSshKey', { path: { id: other } })).status).toBe(500);
  });

  test('the same key and user again change nothing; another one of both counts up', async () => {
    const id = await environment(portolan);
    const sshPrivateKey = newEd25519();
    const version = async (body: object) => Number(/^"(\d+)\./.exec(String((await set(id, body)).headers.etag))?.[1]);
    const first = await version({ sshPrivateKey });
    expect(await version({ sshPrivateKey })).toBe(first);
    const second = await version({ sshPrivateKey, sshUser: 'deploy' });
    expect(second).toBeGreaterThan(first);
    expect(await version({ sshPrivateKey: newEd25519(), sshUser: 'deploy' })).toBeGreaterThan(second);
    const rows = await portolan.sql<any>(
      "select details->'changed' as changed from audit_logs where resource_id = $1 order by id",
      [id],
    );
    expect(rows.map(({ changed }: any) => changed)).toEqual([
      ['sshPrivateKey', 'configured', 'keyType', 'fingerprint'],
      ['sshUser'],
      ['sshPrivateKey', 'fingerprint'],
    ]);
  });

  test('the audit row names the key by its fingerprint', async () => {
    const id = await environment(portolan);
    const sshPrivateKey = newEd25519();
    await set(id, { sshPrivateKey });
    const rows = await portolan.sql<any>(
      'select action, resource_type, environment_id, details from audit_logs where resource_id = $1',
      [id],
    );
    expect(rows).toEqual([
      {
        action: 'update',
        resource_type: 'environment',
        environment_id: id,
        details: {
          changed: ['sshPrivateKey', 'configured', 'keyType', 'fingerprint'],
          before: { configured: false, keyType: null, fingerprint: null },
          after: { configured: true, keyType: 'ed25519', fingerprint: fingerprintOf(sshPrivateKey) },
        },
      },
    ]);
  });
});

describe('400', () => {
  test.each(Object.entries(refusedKeys))('%s, of which nothing is told', async (_, { says, make }) => {
    const id = await environment(portolan);
    const sshPrivateKey = make();
    const answer = await set(id, { sshPrivateKey });
    expect([answer.status, answer.body.field]).toEqual([400, 'sshPrivateKey']);
    expect(answer.body.message).toMatch(says);
    for (const line of sshPrivateKey.split('\n').filter((one) => one.length > 8 && !one.startsWith('-----'))) {
      expect(answer.text).not.toContain(line.trim());
    }
    expect((await portolan.call('getEnvironmentSsh', { path: { id } })).body.configured).toBe(false);
  });

  test.each<[field: string, body: object]>([
    ['sshPrivateKey', {}],
    ['sshPrivateKey', { sshPrivateKey: null }],
    ['sshPrivateKey', { sshPrivateKey: '' }],
    ['sshPrivateKey', { sshPrivateKey: 'x'.repeat(32_769) }],
    ['sshUser', { sshPrivateKey: newEd25519(), sshUser: '' }],
    ['sshUser', { sshPrivateKey: newEd25519(), sshUser: null }],
    ['sshUser', { sshPrivateKey: newEd25519(), sshUser: '-oProxyCommand=x' }],
    ['sshUser', { sshPrivateKey: newEd25519(), sshUser: 'a b' }],
    ['sshUser', { sshPrivateKey: newEd25519(), sshUser: 'x'.repeat(256) }],
    ['sshKey', { sshPrivateKey: newEd25519(), sshKey: 'x' }],
  ])('%s (%#)', async (field, body) => {
    const answer = await set(await environment(portolan), body);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });
});

describe('412', () => {
  test('when the key was deleted and another one set since', async () => {
    const id = await environment(portolan);
    const { headers } = await set(id, { sshPrivateKey: newEd25519() });
    await portolan.call('deleteEnvironmentSsh', { path: { id } });
    await set(id, { sshPrivateKey: newEd25519() });
    const answer = await set(id, { sshPrivateKey: newEd25519() }, { headers: { 'If-Match': String(headers.etag) } });
    expect(answer.status).toBe(412);
  });

  test('when somebody set another key since; nothing is set', async () => {
    const id = await environment(portolan);
    const { etag } = (await portolan.call('getEnvironmentSsh', { path: { id } })).headers;
    const first = newEd25519();
    expect((await set(id, { sshPrivateKey: first }, { headers: { 'if-match': etag } })).status).toBe(200);
    const answer = await set(id, { sshPrivateKey: newEd25519() }, { headers: { 'if-match': etag } });
    expect(answer.status).toBe(412);
    expect(answer.body.details.currentEtag).toBe((await portolan.call('getEnvironmentSsh', { path: { id } })).headers.etag);
    expect((await reveal(id)).privateKey).toBe(first);
  });
});

describe('422', () => {
  test.each(['configured', 'keyType', 'fingerprint'])('%s is computed', async (member) => {
    const answer = await set(await environment(portolan), { sshPrivateKey: newEd25519(), [member]: 'x' });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'READONLY_FIELD', member]);
  });
});
