import type { Principal } from '../../../../src/domain/access/principal';
import type { Scope } from '../../../../src/domain/access/scopes';
import { requireMayDownload, sees, updatable } from '../../../../src/domain/cloudFoundry/droplets/access';
import { type Admission, copyable, copyProblems, requireAdmitted } from '../../../../src/domain/cloudFoundry/droplets/copy';
import { assignable, type Candidate, currentDropletProblems } from '../../../../src/domain/cloudFoundry/droplets/current';
import { imageProblems, requireRepointable } from '../../../../src/domain/cloudFoundry/droplets/image';
import { V3Problem } from '../../../../src/domain/cloudFoundry/problem';

const principal = (scopes: Scope[] | null, more: Partial<Principal> = {}): Principal => ({
  kind: 'user',
  id: 'u',
  email: 'ada@example.com',
  name: null,
  role: 'admin',
  scopes,
  environmentIds: new Set(['here']),
  credential: { kind: 'apiToken', id: 't' },
  installationSuspended: false,
  ...more,
});
const developer = principal(['droplets:read', 'droplets:write']);

/** Kind and detail of what is thrown; 'nothing' when nothing is. */
function thrown(run: () => unknown): string {
  try {
    run();
    return 'nothing';
  } catch (error) {
    if (!(error instanceof V3Problem)) throw error;
    return `${error.kind}: ${error.detail}`;
  }
}

describe('who sees what', () => {
  test('takes the scope to read and the environment', () => {
    expect(sees(developer, 'here')).toBe(true);
    expect(sees(developer, 'there')).toBe(false);
    expect(sees(principal(['droplets:write']), 'here')).toBe(false);
  });

  test('who chooses droplets and does not change them downloads none', () => {
    expect(thrown(() => requireMayDownload(principal(['droplets:read', 'droplets:assign'])))).toMatch('not_authorized');
    expect(thrown(() => requireMayDownload(principal(['droplets:read'])))).toBe('nothing');
    expect(thrown(() => requireMayDownload(developer))).toBe('nothing');
  });
});

describe('an update', () => {
  const row = { environment_id: 'here' };
  const repointer = principal(['droplets:repoint']);
  const suspended = { installationSuspended: true };

  test.each<[string, Principal, { environment_id: string } | undefined, boolean, string]>([
    ['a missing droplet', developer, undefined, false, 'resource_not_found'],
    ['one that is elsewhere', developer, { environment_id: 'there' }, false, 'resource_not_found'],
    ['an image elsewhere', repointer, { environment_id: 'there' }, true, 'resource_not_found'],
    ['an image without the right to read', repointer, row, true, 'nothing'],
    ['metadata with the image right alone', repointer, row, false, 'not_authorized'],
    ['an image with the right to write alone', developer, row, true, 'not_authorized'],
    ['the role before the suspension', principal(['droplets:read'], suspended), row, false, 'not_authorized'],
    ['the suspension', principal(['droplets:read', 'droplets:write'], suspended), row, false, 'suspended'],
    ['an admin while suspended', principal(null, suspended), row, true, 'nothing'],
  ])('asks for %s', (_, who, droplet, namesImage, kind) => {
    expect(thrown(() => updatable(who, droplet, namesImage))).toMatch(new RegExp(`^${kind}`));
  });

  test('looks at the state before it looks at what is current', () => {
    expect(thrown(() => requireRepointable({ state: 'FAILED', isCurrent: true }, null))).toMatch('staged');
    expect(thrown(() => requireRepointable({ state: 'STAGED', isCurrent: true }, ''))).toMatch('current');
    expect(thrown(() => requireRepointable({ state: 'STAGED', isCurrent: true }, 'nginx'))).toBe('nothing');
    expect(thrown(() => requireRepointable({ state: 'STAGED', isCurrent: false }, null))).toBe('nothing');
  });

  test.each([undefined, null, '', 5, {}, 'nginx', 'ghcr.io/a/b:1', `ghcr.io/a/b@sha256:${'a'.repeat(64)}`])(
    'has nothing against the image %j beside its type',
    (image) => {
      expect(imageProblems({ image })).toEqual([]);
    },
  );
});

describe('a copy', () => {
  const source = { environment_id: 'here', state: 'STAGED' };
  const app = { environment_id: 'here' };
  const reader = principal(['droplets:read']);

  test('looks at the source, the destination, the right and the state, in this order', () => {
    const failed = { ...source, state: 'FAILED' };
    expect(thrown(() => copyable(reader, undefined, undefined))).toBe('resource_not_found: Droplet not found');
    expect(thrown(() => copyable(reader, failed, undefined))).toBe('resource_not_found: App not found');
    expect(thrown(() => copyable(reader, failed, app))).toMatch('not_authorized');
    expect(thrown(() => copyable(developer, failed, app))).toMatch('staged');
    expect(copyable(developer, source, app)).toEqual({ source, app });
  });

  const admission: Admission = {
    repository: 'ghcr.io/acme/shop',
    neededCredentials: true,
    canLogIn: true,
    isKnown: true,
    allowUnknown: false,
  };
  test.each<[Partial<Admission>, string]>([
    [{}, 'nothing'],
    [{ canLogIn: false }, 'ghcr.io'],
    [{ canLogIn: false, neededCredentials: false }, 'nothing'],
    [{ isKnown: false }, 'ghcr.io/acme/shop'],
    [{ isKnown: false, allowUnknown: true }, 'nothing'],
  ])('to a space with %j', (facts, told) => {
    expect(thrown(() => requireAdmitted({ ...admission, ...facts }))).toContain(told);
  });

  test('brings its own start data', () => {
    expect(copyProblems({ process_types: null })).toHaveLength(1);
    expect(copyProblems({ relationships: {} })).toEqual([]);
  });
});

describe('the current droplet', () => {
  test.each([{ data: null }, { data: {} }, { data: { guid: null } }])('is not taken away by %j', (body) => {
    expect(currentDropletProblems(body)).toEqual([expect.stringContaining('removal')]);
  });
  test.each([{}, { data: { guid: 'x' } }, { data: 'x' }, { data: [] }])('%j asks for no removal', (body) => {
    expect(currentDropletProblems(body)).toEqual([]);
  });

  const app = { id: 'app', hasActiveDeployment: false };
  const good: Candidate = { service_id: 'app', state: 'STAGED', image: 'nginx', process_types: { web: '' } };
  test('a deployment, the app, the state, the process types and the image are looked at in this order', () => {
    const worst: Candidate = { service_id: 'other', state: 'FAILED', image: null, process_types: null };
    expect(thrown(() => assignable({ ...app, hasActiveDeployment: true }, undefined))).toMatch('deployment');
    expect(thrown(() => assignable(app, undefined))).toMatch(/droplet.*app/);
    expect(thrown(() => assignable(app, worst))).toMatch('belong');
    expect(thrown(() => assignable(app, { ...worst, service_id: 'app' }))).toMatch('staged');
    expect(thrown(() => assignable(app, { ...good, image: null, process_types: null }))).toMatch('process types');
    expect(thrown(() => assignable(app, { ...good, image: null }))).toMatch('image');
    expect(assignable(app, good)).toBe(good);
  });
});

test('an image that no reference can be is told by its length alone', () => {
  expect(imageProblems({ image: `${'a/'.repeat(500_000)}A` })).toEqual(["'image' has more than 2000 characters"]);
  const longest = `ghcr.io/${'a'.repeat(992)}:${'t'.repeat(128)}@sha512:${'0'.repeat(128)}`;
  expect(imageProblems({ image: longest })).toEqual([]);
});
