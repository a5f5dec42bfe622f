import { uuidv7 } from 'uuidv7';
import { environment, token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { newEd25519 } from '../../support/sshKeys';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const reveal = (id: string, more: object = {}) => portolan.call('getEnvironmentSshKey', { path: { id }, ...more });
const withKey = async () => {
  const name = unique('env');
  const id = await environment(portolan, name);
  const sshPrivateKey = newEd25519();
  await portolan.call('setEnvironmentSsh', { path: { id }, body: { sshPrivateKey, sshUser: 'deploy' } });
  return { id, name, sshPrivateKey };
};
const switchOff = (id: string) =>
  portolan.call('updateEnvironmentSettings', { path: { id, module: 'configuration' }, body: { allowSecretReveal: false } });
const reveals = (id: string) =>
  portolan.sql<any>(
    `select action, resource_type, resource_name, environment_id, success, error, details, user_id, api_token_id, request_id
     from audit_logs where resource_id = $1 and action = 'reveal' order by id`,
    [id],
  );

describe('200', () => {
  test('the key as it was set, for no cache, without an ETag', async () => {
    const { id, sshPrivateKey } = await withKey();
    const answer = await reveal(id);
    expect(answer.body).toEqual({ privateKey: sshPrivateKey, username: 'deploy' });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers.etag).toBeUndefined();
  });

  test('is on record: who, when, by which request, and nothing of the key', async () => {
    const { id, name, sshPrivateKey } = await withKey();
    const admin = await token(portolan);
    const answer = await reveal(id, { token: admin.token });
    expect(await reveals(id)).toEqual([
      {
        action: 'reveal',
        resource_type: 'environment',
        resource_name: name,
        environment_id: id,
        success: true,
        error: null,
        details: { revealed: 'sshPrivateKey' },
        user_id: admin.userId,
        api_token_id: admin.tokenId,
        request_id: answer.headers['x-request-id'],
      },
    ]);
    const history = (await portolan.call('listAuditLogs', { query: { resourceId: id } })).text;
    for (const line of sshPrivateKey.split('\n').filter((one) => one && !one.startsWith('-----')))
      expect(history).not.toContain(line);
  });

  test('tells nothing on the event streams: nothing changed', async () => {
    const { id } = await withKey();
    const told = async () => (await portolan.sql('select 1 from events where environment_id = $1', [id])).length;
    const before = await told();
    await reveal(id);
    expect(await told()).toBe(before);
  });
});

describe('403', () => {
  test('where reveals are switched off; the refusal stays on record', async () => {
    const { id, name } = await withKey();
    await switchOff(id);
    const answer = await reveal(id);
    expect([answer.status, answer.body.code, answer.body.details]).toEqual([
      403,
      'FORBIDDEN_SCOPE',
      { reason: 'reveal_disabled' },
    ]);
    expect(await reveals(id)).toMatchObject([
      {
        resource_name: name,
        environment_id: id,
        success: false,
        error: answer.body.message,
        details: { reason: 'reveal_disabled' },
        request_id: answer.headers['x-request-id'],
      },
    ]);
  });

  test.each<[string, object, object]>([
    ['a role that is too low', { role: 'operator' }, { requiredRole: 'admin' }],
    ['a token without the scope', { scopes: ['environments:read'] }, { requiredScope: 'secrets:reveal' }],
  ])('%s; the refusal stays on record', async (_, wishes, details) => {
    const { id, name } = await withKey();
    const { token: bearer, userId } = await token(portolan, wishes);
    const answer = await reveal(id, { token: bearer });
    expect([answer.status, answer.body.details]).toEqual([403, details]);
    expect(await reveals(id)).toMatchObject([
      { resource_name: name, environment_id: id, success: false, details, user_id: userId },
    ]);
  });

  test('of an environment that there is not is on record without one', async () => {
    const id = uuidv7();
    const { token: bearer } = await token(portolan, { role: 'viewer' });
    expect((await reveal(id, { token: bearer })).status).toBe(403);
    expect(await reveals(id)).toMatchObject([{ resource_name: null, environment_id: null, success: false }]);
  });
});

describe('404', () => {
  test('when no key is set', async () => {
    const id = await environment(portolan);
    const answer = await reveal(id);
    expect([answer.status, answer.body.message]).toEqual([404, expect.stringMatching(/has no SSH key/)]);
  });

  test('outside the environments of a token; the key of the own one is shown', async () => {
    const [{ id }, own] = [await withKey(), await withKey()];
    const { token: bearer } = await token(portolan, { environments: [own.id] });
    expect((await reveal(id, { token: bearer })).status).toBe(404);
    expect((await reveal(own.id, { token: bearer })).body.privateKey).toBe(own.sshPrivateKey);
  });
});
