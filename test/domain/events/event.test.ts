import type { Principal } from '../../../src/domain/access/principal';
import { isOnStream, isTold } from '../../../src/domain/events/event';

const [here, there] = ['01920000-0000-7000-8000-00000000a001', '01920000-0000-7000-8000-00000000a002'];
const reader = (limits: Partial<Principal> = {}): Principal => ({
  kind: 'user',
  id: '01920000-0000-7000-8000-000000000001',
  email: 'ada@example.com',
  name: null,
  role: 'viewer',
  scopes: null,
  environmentIds: null,
  credential: { kind: 'apiToken', id: '01920000-0000-7000-8000-000000001001' },
  installationSuspended: false,
  ...limits,
});
const event = (resource_type: string | null, environment_id: string | null) =>
  ({ type: 'resource_changed', resource_type, environment_id }) as const;

describe('what a stream has in it', () => {
  test.each([
    ['a registry, for a viewer', reader(), event('registry', here), true],
    ['a registry of another environment', reader({ environmentIds: new Set([there]) }), event('registry', here), false],
    ['a registry of its environment', reader({ environmentIds: new Set([here]) }), event('registry', here), true],
    ['a registry, for who may read images only', reader({ scopes: ['images:read'] }), event('registry', here), false],
    ['an image, for who may read images only', reader({ scopes: ['images:read'] }), event('container_image', here), true],
    ['a user, for a viewer', reader(), event('user', null), false],
    ['a user, for an administrator', reader({ role: 'admin' }), event('user', null), true],
    [
      'a user, for an administrator of one environment',
      reader({ role: 'admin', environmentIds: new Set([here]) }),
      event('user', null),
      false,
    ],
    ['an API token, for an operator', reader({ role: 'operator' }), event('api_token', null), false],
    ['work of an environment, for a viewer', reader(), event(null, here), true],
    ['work of the installation, for who may read no settings', reader({ scopes: ['images:read'] }), event(null, null), false],
    ['a type of resource that nobody has heard of', reader({ role: 'admin' }), event('secret_plan', here), false],
  ])('%s', (_, principal, one, expected) => {
    expect(isOnStream(principal, {}, one)).toBe(expected);
  });

  test('what was asked for, only', () => {
    const onStream = (wishes: object, environmentId: string | null = here) =>
      isOnStream(reader({ role: 'admin' }), wishes, event('registry', environmentId));
    expect(onStream({ environmentIds: new Set([here]) })).toBe(true);
    expect(onStream({ environmentIds: new Set([there]) })).toBe(false);
    expect(onStream({ environmentIds: new Set([here]) }, null)).toBe(false);
    expect(onStream({ types: new Set(['resource_changed']) })).toBe(true);
    expect(onStream({ types: new Set(['operation']) })).toBe(false);
  });
});

describe('what is told of a change', () => {
  test.each([
    [{ success: true, action: 'update', resourceType: 'registry', resourceId: here }, true],
    [{ success: false, action: 'update', resourceType: 'registry', resourceId: here }, false],
    [{ success: true, action: 'update', resourceType: 'registry', resourceId: null }, false],
    [{ success: true, action: 'login', resourceType: 'login', resourceId: here }, false],
    [{ success: true, action: 'reveal', resourceType: 'secret', resourceId: here }, false],
  ])('%j: %s', (change, expected) => expect(isTold(change)).toBe(expected));
});
