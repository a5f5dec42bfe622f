import type { Principal } from '../../../src/domain/access/principal';
import {
  applyUserPatch,
  isOwnAccount,
  requireAdministratorLeft,
  requireMayChangeUser,
  type UserSettings,
} from '../../../src/domain/users/user';

const admin: UserSettings = { name: 'Ada', role: 'admin', disabled: false };

test('a patch merges by member', () => {
  expect(applyUserPatch(admin, {})).toEqual(admin);
  expect(applyUserPatch(admin, { name: null })).toEqual({ ...admin, name: null });
  expect(applyUserPatch(admin, { name: 'B', role: 'viewer', disabled: true })).toEqual({
    name: 'B',
    role: 'viewer',
    disabled: true,
  });
  expect(applyUserPatch({ ...admin, disabled: true }, { disabled: false }).disabled).toBe(false);
});

test.each([
  ['is demoted', admin, { ...admin, role: 'operator' }, 0, false],
  ['is disabled', admin, { ...admin, disabled: true }, 0, false],
  ['is deleted', admin, null, 0, false],
  ['is demoted beside another one', admin, { ...admin, role: 'viewer' }, 1, true],
  ['is renamed', admin, { ...admin, name: null }, 0, true],
  ['was disabled before and is deleted', { ...admin, disabled: true }, null, 0, true],
  ['was disabled before and is demoted', { ...admin, disabled: true }, { ...admin, disabled: true, role: 'viewer' }, 0, true],
  ['is none and is deleted', { ...admin, role: 'operator' }, null, 0, true],
] as [string, UserSettings, UserSettings | null, number, boolean][])(
  'an administrator who %s',
  (_, before, after, others, allowed) => {
    const change = () => requireAdministratorLeft(before, after, others);
    if (allowed) expect(change).not.toThrow();
    else expect(change).toThrow('last enabled administrator');
  },
);

test('who is let in as the user themselves changes neither role nor disabled', () => {
  const principal = (role: Principal['role'], scopes: Principal['scopes'] = null) =>
    ({
      kind: 'user',
      id: 'u',
      role,
      scopes,
      environmentIds: null,
      credential: { kind: 'login', id: 'l' },
      installationSuspended: false,
    }) as unknown as Principal;
  expect(() => requireMayChangeUser(principal('viewer'), ['name'])).not.toThrow();
  expect(() => requireMayChangeUser(principal('operator'), ['name', 'role'])).toThrow('Only an administrator');
  expect(() => requireMayChangeUser(principal('viewer'), ['disabled'])).toThrow('Only an administrator');
  expect(() => requireMayChangeUser(principal('admin'), ['role', 'disabled'])).not.toThrow();
  expect(() => requireMayChangeUser(principal('admin', ['audit:read']), ['role'])).toThrow('Only an administrator');
});

test('a service account has no account of its own among the users', () => {
  expect(isOwnAccount({ kind: 'user', id: 'x' } as Principal, 'x')).toBe(true);
  expect(isOwnAccount({ kind: 'serviceAccount', id: 'x' } as Principal, 'x')).toBe(false);
});
