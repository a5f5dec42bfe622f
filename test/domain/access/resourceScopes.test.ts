import contract from '../../../generated/openapi.json';
import { readableResourceTypes, resourceScopes } from '../../../src/domain/access/resourceScopes';
import { isScope, type Scope } from '../../../src/domain/access/scopes';

const principal = (scopes: Scope[] | null, role: 'admin' | 'operator' | 'viewer' = 'admin') => ({
  kind: 'user' as const,
  id: '01920000-0000-7000-8000-000000000001',
  email: 'ada@example.com',
  name: null,
  role,
  scopes,
  environmentIds: null,
  credential: { kind: 'login' as const, id: '01920000-0000-7000-8000-000000000002' },
  installationSuspended: false,
});

test('every type of the contract has its scopes, but operations, which take those of their resources', () => {
  const { enum: types } = contract.components.schemas.ResourceType;
  expect(Object.keys(resourceScopes).sort()).toEqual(types.filter((type) => type !== 'operation').sort());
});

test('they are scopes that exist', () => {
  for (const { read, write } of Object.values(resourceScopes)) expect([isScope(read), isScope(write)]).toEqual([true, true]);
});

test('a list of scopes reads the types of these, a role all that it may read', () => {
  expect(readableResourceTypes(principal(['registries:read', 'services:write', 'droplets:read']))).toEqual([
    'registry',
    'droplet',
    'package',
    'build',
  ]);
  const viewer = readableResourceTypes(principal(null, 'viewer'));
  const hidden = Object.keys(resourceScopes).filter((type) => !viewer.includes(type));
  expect(hidden).toEqual(['user', 'login', 'api_token', 'service_account']);
  expect(readableResourceTypes(principal(['admin:*']))).toEqual(Object.keys(resourceScopes));
});
