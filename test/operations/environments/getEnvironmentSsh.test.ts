import { environment, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { fingerprintOf, newEd25519 } from '../../support/sshKeys';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const read = (id: string, more: object = {}) => portolan.call('getEnvironmentSsh', { path: { id }, ...more });
const listed = async (name: string) => (await portolan.call('listEnvironments', { query: { name } })).body.environments[0];

describe('200', () => {
  test('says that no key is set, and who would sign in', async () => {
    const id = await environment(portolan);
    expect((await read(id)).body).toEqual({ configured: false, sshUser: 'root', keyType: null, fingerprint: null });
    await portolan.call('updateEnvironmentSettings', { path: { id, module: 'general' }, body: { sshUser: 'deploy' } });
    expect((await read(id)).body.sshUser).toBe('deploy');
  });

  test('tells which key is set, and nothing of the key', async () => {
    const id = await environment(portolan);
    const sshPrivateKey = newEd25519();
    await portolan.call('setEnvironmentSsh', { path: { id }, body: { sshPrivateKey, sshUser: 'deploy' } });
    const answer = await read(id);
    expect(answer.body).toEqual({
      configured: true,
      sshUser: 'deploy',
      keyType: 'ed25519',
      fingerprint: fingerprintOf(sshPrivateKey),
    });
    expect(answer.headers.etag).toMatch(/^"1\.[0-9a-f]{10}"$/);
  });

  test('the environment tells whether a key is set, alone and in the list', async () => {
    const name = unique('env');
    const id = await environment(portolan, name);
    const configured = async () => [
      (await portolan.call('getEnvironment', { path: { id } })).body.environment.sshConfigured,
      (await listed(name)).sshConfigured,
    ];
    expect(await configured()).toEqual([false, false]);
    await portolan.call('setEnvironmentSsh', { path: { id }, body: { sshPrivateKey: newEd25519() } });
    expect(await configured()).toEqual([true, true]);
    await portolan.call('deleteEnvironmentSsh', { path: { id } });
    expect(await configured()).toEqual([false, false]);
  });
});

describe('304', () => {
  test('while nothing changed', async () => {
    const id = await environment(portolan);
    const { etag } = (await read(id)).headers;
    expect((await read(id, { headers: { 'if-none-match': etag } })).status).toBe(304);
    await portolan.call('setEnvironmentSsh', { path: { id }, body: { sshPrivateKey: newEd25519() } });
    expect((await read(id, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });
});
