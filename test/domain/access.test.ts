import fc from 'fast-check';
import {
  effectiveScopes,
  hasScope,
  judge,
  type Permission,
  type Principal,
  requireEnvironmentInReach,
  seesEnvironment,
  visible,
} from '../../src/domain/access/principal';
import { isScope, type Role, roleReaches, type Scope, scopes, scopesOfRole, weakerRole } from '../../src/domain/access/scopes';

const roles: Role[] = ['viewer', 'operator', 'admin'];
const allScopes = Object.keys(scopes) as Scope[];
const role = fc.constantFrom(...roles);
const id = fc.uuid();
const principal: fc.Arbitrary<Principal> = fc.record({
  kind: fc.constantFrom('user', 'serviceAccount'),
  id,
  email: fc.constant('a@example.com'),
  name: fc.constant(null),
  role,
  scopes: fc.option(fc.subarray(allScopes)),
  environmentIds: fc.option(fc.array(id).map((ids) => new Set(ids))),
  credential: fc.record({ kind: fc.constantFrom('login', 'apiToken'), id }),
  installationSuspended: fc.boolean(),
});
const permission: fc.Arbitrary<Permission> = fc
  .record({
    role: fc.constantFrom<Permission['role']>('public', 'any', ...roles),
    scope: fc.option(fc.constantFrom(...allScopes)),
    environment: fc.constantFrom<Permission['environment']>('path', 'resource', 'body', 'query', 'none'),
    self: fc.boolean(),
  })
  // The contract's rule: a scope's role is never above the operation's.
  .filter(
    (one) =>
      one.role === 'public' || one.role === 'any' || one.scope === null || roleReaches(one.role, scopes[one.scope as Scope]),
  );

describe('roles', () => {
  test('are ordered, and the weaker of two is neither stronger', () => {
    fc.assert(
      fc.property(role, role, role, (a, b, c) => {
        expect(roleReaches(a, a)).toBe(true);
        if (roleReaches(a, b) && roleReaches(b, c)) expect(roleReaches(a, c)).toBe(true);
        expect(roleReaches(a, b) || roleReaches(b, a)).toBe(true);
        const weaker = weakerRole(a, b);
        expect([a, b]).toContain(weaker);
        expect(weakerRole(b, a)).toBe(weaker);
        expect(roleReaches(a, weaker) && roleReaches(b, weaker)).toBe(true);
      }),
    );
  });

  test('a stronger one holds every scope of a weaker one', () => {
    for (const weak of roles) {
      for (const strong of roles.filter((one) => roleReaches(one, weak)))
        expect(scopesOfRole(strong)).toEqual(expect.arrayContaining(scopesOfRole(weak)));
    }
    expect(scopesOfRole('admin')).toHaveLength(allScopes.length - 1);
    expect(scopesOfRole('viewer').filter((scope) => !scope.endsWith(':read'))).toEqual([]);
  });

  test('scopes are those of the list, and no member that objects have anyway', () => {
    for (const text of ['constructor', 'toString', '__proto__', '', 'registries:*', 'Registries:read'])
      expect(isScope(text)).toBe(false);
    for (const scope of allScopes) expect(isScope(scope)).toBe(true);
  });
});

describe('scopes', () => {
  test('never exceed the role, nor the list', () => {
    fc.assert(
      fc.property(principal, fc.constantFrom(...allScopes), (who, scope) => {
        if (!hasScope(who, scope)) return;
        expect(roleReaches(who.role, scopes[scope])).toBe(true);
        if (who.scopes) expect(who.scopes.includes(scope) || (who.scopes.includes('admin:*') && who.role === 'admin')).toBe(true);
      }),
    );
  });

  test('without a list are all of the role; admin:* stands for all of an administrator', () => {
    fc.assert(
      fc.property(principal, (who) => {
        expect(effectiveScopes({ ...who, scopes: null })).toEqual(scopesOfRole(who.role));
        if (who.role === 'admin') expect(effectiveScopes({ ...who, scopes: ['admin:*'] })).toEqual(scopesOfRole('admin'));
        else expect(effectiveScopes({ ...who, scopes: ['admin:*'] })).toEqual([]);
      }),
    );
  });

  test('to write do not bring those to read', () => {
    fc.assert(
      fc.property(principal, (who) => {
        expect(hasScope({ ...who, scopes: ['registries:write'] }, 'registries:read')).toBe(false);
      }),
    );
  });

  test('that nobody knows are had by nobody', () => {
    fc.assert(
      fc.property(principal, fc.constantFrom('x:read', 'constructor', '__proto__', ''), (who, scope) =>
        expect(hasScope(who, scope)).toBe(false),
      ),
    );
  });
});

describe('judge', () => {
  const is = (who: Principal, what: Permission, write: boolean, pathId?: string) => judge(who, what, write, pathId).allowed;

  test('a stronger role, no list of scopes and no limit of environments never take anything away', () => {
    fc.assert(
      fc.property(principal, permission, fc.boolean(), (who, what, write) => {
        if (!is(who, what, write)) return;
        expect(is({ ...who, role: 'admin' }, what, write)).toBe(true);
        expect(is({ ...who, scopes: null }, what, write)).toBe(true);
        expect(is({ ...who, environmentIds: null }, what, write)).toBe(true);
      }),
    );
  });

  test('an administrator without limits may do everything', () => {
    fc.assert(
      fc.property(principal, permission, fc.boolean(), (who, what, write) => {
        expect(is({ ...who, role: 'admin', scopes: null, environmentIds: null }, what, write)).toBe(true);
      }),
    );
  });

  test('public and any ask for nothing', () => {
    fc.assert(
      fc.property(principal, permission, fc.constantFrom('public' as const, 'any' as const), (who, what, open) => {
        expect(is(who, { ...what, role: open }, true)).toBe(true);
      }),
    );
  });

  test('the role is missed before the scope, the scope before the environments', () => {
    fc.assert(
      fc.property(principal, permission, fc.boolean(), (who, what, write) => {
        if (what.role === 'public' || what.role === 'any') return;
        const verdict = judge(who, { ...what, self: false }, write);
        const roleHolds = roleReaches(who.role, what.role);
        const scopeHolds = what.scope === null || hasScope(who, what.scope);
        const limited = write && what.environment === 'none' && who.environmentIds !== null;
        const missing = !roleHolds ? 'role' : !scopeHolds ? 'scope' : limited ? 'allEnvironments' : undefined;
        expect(verdict.allowed ? undefined : verdict.missing).toBe(missing);
      }),
    );
  });

  test('oneself needs no role: a user, with all scopes, and the own id', () => {
    fc.assert(
      fc.property(principal, permission, (who, what) => {
        const self: Permission = { ...what, role: 'admin', scope: 'users:manage', self: true, environment: 'resource' };
        const weak: Principal = { ...who, role: 'viewer' };
        expect(is(weak, self, true, weak.id)).toBe(weak.kind === 'user' && weak.scopes === null);
        expect(is(weak, self, true, `${weak.id}x`)).toBe(false);
        expect(is(weak, self, true, undefined)).toBe(false);
        expect(is(weak, { ...self, self: false }, true, weak.id)).toBe(false);
      }),
    );
  });
});

describe('environments', () => {
  test('outside are hidden as what is not there', () => {
    fc.assert(
      fc.property(principal, id, (who, environmentId) => {
        const row = { environment_id: environmentId };
        const inside = who.environmentIds === null || who.environmentIds.has(environmentId);
        expect(seesEnvironment(who, environmentId)).toBe(inside);
        const message = 'There is no boat "b".';
        if (inside) {
          expect(visible(who, row, 'boat', 'b')).toBe(row);
          expect(() => requireEnvironmentInReach(who, environmentId)).not.toThrow();
        } else {
          expect(() => visible(who, row, 'boat', 'b')).toThrow(message);
          expect(() => requireEnvironmentInReach(who, environmentId)).toThrow(expect.objectContaining({ kind: 'not_found' }));
        }
        expect(() => visible(who, undefined, 'boat', 'b')).toThrow(message);
      }),
    );
  });

  test('none at all is only seen without a limit', () => {
    fc.assert(fc.property(principal, (who) => expect(seesEnvironment(who, null)).toBe(who.environmentIds === null)));
  });
});
