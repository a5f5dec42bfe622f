import contract from '../../../generated/openapi.json';
import type { Principal } from '../../../src/domain/access/principal';
import { isScope, type Scope, scopes, scopesOfRole } from '../../../src/domain/access/scopes';
import {
  checkTokenLimits,
  requireMayCreateOwnTokens,
  requireNotWider,
  type TokenLimits,
} from '../../../src/domain/access/tokenLimits';
import type { Problem } from '../../../src/domain/errors';

const limits = (wishes: Partial<TokenLimits> = {}): TokenLimits => ({
  role: 'viewer',
  scopes: null,
  allEnvironments: true,
  environmentIds: [],
  ...wishes,
});
const principal = (wishes: Partial<Principal> = {}): Principal => ({
  kind: 'user',
  id: 'u',
  email: 'ada@example.com',
  name: null,
  role: 'admin',
  scopes: null,
  environmentIds: null,
  credential: { kind: 'apiToken', id: 't' },
  installationSuspended: false,
  ...wishes,
});

test('the contract names the same scopes', () => {
  expect(contract.components.schemas.Scope.enum).toEqual(Object.keys(scopes));
  expect(isScope('toString')).toBe(false);
});

describe('no owner can have a token', () => {
  const issues = (wishes: Partial<TokenLimits>, ownerRole?: 'admin' | 'operator' | 'viewer') =>
    checkTokenLimits(limits(wishes), ownerRole).map(({ field, code }) => [field, code]);

  test.each([
    [{ role: 'operator' }, 'viewer', [['role', 'inconsistent']]],
    [{ role: 'admin' }, 'operator', [['role', 'inconsistent']]],
    [{ role: 'admin' }, 'admin', []],
    [{ role: 'admin' }, undefined, []],
    [
      { scopes: ['images:read', 'images:write', 'users:manage'] },
      'admin',
      [
        ['scopes[1]', 'inconsistent'],
        ['scopes[2]', 'inconsistent'],
      ],
    ],
    [{ role: 'operator', scopes: ['admin:*'] }, 'admin', [['scopes[0]', 'inconsistent']]],
    [{ role: 'admin', scopes: ['admin:*'] }, 'admin', []],
    [{ scopes: [] }, 'viewer', []],
    [{ allEnvironments: false }, 'viewer', [['environmentIds', 'required']]],
    [{ allEnvironments: false, environmentIds: ['e'] }, 'viewer', []],
    [{ environmentIds: ['e'] }, 'viewer', [['environmentIds', 'inconsistent']]],
  ] as [Partial<TokenLimits>, 'admin' | 'operator' | 'viewer' | undefined, string[][]][])(
    '%j of an owner with %s',
    (wishes, ownerRole, expected) => {
      expect(issues(wishes, ownerRole)).toEqual(expected);
    },
  );

  test('everything that is wrong is told', () => {
    expect(issues({ role: 'operator', scopes: ['users:manage'], allEnvironments: false }, 'viewer')).toHaveLength(3);
  });
});

describe('a credential makes no token wider than itself', () => {
  const refusal = (maker: Partial<Principal>, wishes: Partial<TokenLimits>) => {
    try {
      requireNotWider(principal(maker), limits(wishes));
      return null;
    } catch (error) {
      const problem = error as Problem;
      expect([problem.kind, (problem.details as { reason: string }).reason]).toEqual([
        'forbidden_scope',
        'wider_than_credential',
      ]);
      return problem.details;
    }
  };
  const wide = { reason: 'wider_than_credential' };

  test.each([
    [{ role: 'operator' }, { role: 'admin' }, { ...wide, requiredRole: 'admin' }],
    [{ role: 'operator' }, { role: 'operator' }, null],
    [{}, { role: 'admin', scopes: ['admin:*'] }, null],
    [{ scopes: ['tokens:manage', 'images:read'] }, { scopes: ['images:read'] }, null],
    [{ scopes: ['tokens:manage'] }, { scopes: ['images:read'] }, { ...wide, requiredScope: 'images:read' }],
    [{ scopes: ['images:write'] }, { scopes: ['images:read'] }, { ...wide, requiredScope: 'images:read' }],
    [{ scopes: ['admin:*'] }, { role: 'admin' }, null],
    [{ scopes: ['admin:*'] }, { role: 'admin', scopes: ['users:manage', 'admin:*'] }, null],
    [{ scopes: scopesOfRole('admin') }, { role: 'admin', scopes: ['admin:*'] }, { ...wide, requiredScope: 'admin:*' }],
    [{ scopes: scopesOfRole('admin') }, { role: 'viewer', scopes: null }, wide],
    [{ scopes: ['tokens:manage'] }, { scopes: [] }, null],
  ] as [Partial<Principal>, Partial<TokenLimits>, object | null][])('%j making %j', (maker, wishes, expected) => {
    expect(refusal(maker, wishes)).toEqual(expected);
  });

  test('nor for environments that it is not limited to', () => {
    const environmentIds = new Set(['a', 'b']);
    expect(refusal({ environmentIds }, { allEnvironments: false, environmentIds: ['a'] })).toBeNull();
    expect(refusal({ environmentIds }, { allEnvironments: false, environmentIds: ['a', 'c'] })).toEqual(wide);
    expect(refusal({ environmentIds }, { allEnvironments: true })).toEqual(wide);
    expect(refusal({ environmentIds: new Set() }, { allEnvironments: false, environmentIds: ['a'] })).toEqual(wide);
  });
});

describe('own tokens', () => {
  const may = (wishes: Partial<Principal>) => {
    try {
      requireMayCreateOwnTokens(principal(wishes));
      return true;
    } catch (error) {
      expect((error as Problem).details).toEqual({ requiredScope: 'tokens:manage' });
      return false;
    }
  };
  const login = { kind: 'login', id: 'l' } as const;

  test.each([
    [{ credential: login, role: 'viewer' }, true],
    [{ role: 'admin' }, true],
    [{ role: 'admin', scopes: ['tokens:manage'] }, true],
    [{ role: 'admin', scopes: ['admin:*'] }, true],
    [{ role: 'admin', scopes: ['users:manage'] }, false],
    [{ role: 'operator' }, false],
    [{ role: 'operator', scopes: ['tokens:manage'] as Scope[] }, false],
  ] as [Partial<Principal>, boolean][])('%j may make them: %s', (wishes, expected) => {
    expect(may(wishes)).toBe(expected);
  });
});
