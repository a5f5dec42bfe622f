import { judge, limitsOf, type Permission, type Principal } from '../../../src/domain/access/principal';

const principal = (wishes: Partial<Principal> = {}): Principal => ({
  kind: 'user',
  id: 'me',
  email: 'ada@example.com',
  name: null,
  role: 'viewer',
  scopes: null,
  environmentIds: null,
  credential: { kind: 'login', id: 'l' },
  installationSuspended: false,
  ...wishes,
});

describe('self', () => {
  const permission: Permission = { role: 'admin', scope: 'users:manage', environment: 'none', self: true };
  const verdict = (wishes: Partial<Principal>, pathId: string, write = true) =>
    judge(principal(wishes), permission, write, pathId);

  test('lets the user of the path through without role and scope', () => {
    expect(verdict({}, 'me')).toEqual({ allowed: true });
    expect(verdict({}, 'me', false)).toEqual({ allowed: true });
  });

  test('lets nobody else through', () => {
    expect(verdict({}, 'other')).toEqual({ allowed: false, missing: 'role', requiredRole: 'admin' });
    expect(verdict({ kind: 'serviceAccount' }, 'me')).toMatchObject({ missing: 'role' });
    expect(judge(principal(), permission, true)).toMatchObject({ missing: 'role' });
    expect(judge(principal(), { ...permission, self: false }, true, 'me')).toMatchObject({ missing: 'role' });
  });

  test('does not lift a list of scopes, nor a limit to environments on a write', () => {
    expect(verdict({ scopes: ['images:read'] }, 'me')).toMatchObject({ allowed: false });
    expect(verdict({ role: 'admin', scopes: ['images:read'] }, 'me')).toMatchObject({ missing: 'scope' });
    expect(verdict({ environmentIds: new Set(['e']) }, 'me')).toEqual({ allowed: false, missing: 'allEnvironments' });
    expect(verdict({ environmentIds: new Set(['e']) }, 'me', false)).toEqual({ allowed: true });
  });
});

describe('limits', () => {
  const base = principal({ credential: { kind: 'apiToken', id: 't' }, scopes: ['images:read', 'vars:read'] });
  test('are the same for two credentials that may do the same', () => {
    const other = { ...base, credential: { ...base.credential, id: 'other' }, scopes: ['vars:read', 'images:read'] as const };
    expect(limitsOf(other)).toBe(limitsOf(base));
    expect(limitsOf({ ...base, environmentIds: new Set(['a', 'b']) })).toBe(
      limitsOf({ ...base, environmentIds: new Set(['b', 'a']) }),
    );
  });

  test.each([
    [{ id: 'other' }],
    [{ kind: 'serviceAccount' }],
    [{ role: 'operator' }],
    [{ scopes: null }],
    [{ scopes: [] }],
    [{ environmentIds: new Set() }],
    [{ environmentIds: new Set(['a']) }],
    [{ credential: { kind: 'login', id: 't' } }],
  ] as Partial<Principal>[][])('differ with %j', (difference) => {
    expect(limitsOf({ ...base, ...difference })).not.toBe(limitsOf(base));
  });
});
