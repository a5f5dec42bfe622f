import type { Principal } from '../../../src/domain/access/principal';
import type { Scope } from '../../../src/domain/access/scopes';
import { accessClaims, cloudControllerScopes } from '../../../src/domain/cloudFoundry/accessToken';

const principal = (changes: Partial<Principal> = {}): Principal => ({
  kind: 'user',
  id: 'u1',
  email: 'ada@example.com',
  name: null,
  role: 'admin',
  scopes: null,
  environmentIds: null,
  credential: { kind: 'login', id: 'l1' },
  installationSuspended: false,
  ...changes,
});

describe('the scopes that clients are told', () => {
  const [read, write, admin, repoint] = ['read', 'write', 'admin', 'update_build_state'].map((one) => `cloud_controller.${one}`);
  test.each<[Principal['role'], Scope[] | null, (string | undefined)[]]>([
    ['viewer', null, [read]],
    ['operator', null, [read, write]],
    ['operator', ['droplets:read'], [read, write]],
    ['admin', null, [read, write, admin, repoint]],
    ['admin', ['admin:*'], [read, write, admin, repoint]],
    ['admin', ['droplets:read'], [read, write, admin]],
    ['admin', ['droplets:repoint'], [read, write, admin, repoint]],
  ])('%s with %j', (role, scopes, expected) => {
    expect(cloudControllerScopes(principal({ role, scopes }))).toEqual(expected);
  });
});

describe('the claims', () => {
  const now = new Date('2026-03-01T08:00:00.900Z');
  const iat = Date.parse('2026-03-01T08:00:00Z') / 1000;
  const wish = { jti: 'j1', clientId: 'cf', now, ttlSeconds: 600, notAfterMs: now.getTime() + 86_400_000 };

  test('end after their time, to the second', () => {
    expect(accessClaims(principal(), wish)).toMatchObject({ iat, exp: iat + 600 });
  });

  test('end with what is behind them, never a part of a second later', () => {
    expect(accessClaims(principal(), { ...wish, notAfterMs: (iat + 30) * 1000 + 999 }).exp).toBe(iat + 30);
  });

  test('name a user by address, a service account by name, and tell them apart by grant', () => {
    expect(accessClaims(principal({ name: 'Ada' }), wish)).toMatchObject({
      user_name: 'ada@example.com',
      grant_type: 'password',
    });
    const account = principal({ kind: 'serviceAccount', name: 'pipeline', credential: { kind: 'apiToken', id: 't1' } });
    expect(accessClaims(account, wish)).toMatchObject({ user_name: 'pipeline', grant_type: 'client_credentials', sid: 't1' });
  });
});
