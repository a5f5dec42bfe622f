import { scopesOfRole } from '../../../src/domain/access/scopes';
import { environment, loginOf, serviceAccount, token, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const me = async (bearer: string) => {
  const answer = await portolan.call('getCurrentPrincipal', { token: bearer });
  expect(answer.status).toBe(200);
  return answer.body;
};

describe('200', () => {
  test.each(['admin', 'operator', 'viewer'] as const)('a login of a user with the role %s', async (role) => {
    const person = await user(portolan, { role, name: 'Ada' });
    expect(await me(await loginOf(portolan, person))).toEqual({
      user: { id: person.id, email: person.email, name: 'Ada', role, apiTokenId: null, serviceAccountId: null },
      role,
      scopes: scopesOfRole(role),
      allEnvironments: true,
      environments: [],
    });
  });

  test('a viewer holds exactly the scopes that viewers may hold', async () => {
    const { scopes } = await me(await loginOf(portolan, await user(portolan)));
    expect(scopes).toEqual([
      'environments:read',
      'registries:read',
      'images:read',
      'services:read',
      'servers:read',
      'vars:read',
      'secrets:read',
      'configs:read',
      'types:read',
      'deploys:read',
      'databases:read',
      'droplets:read',
      'webhooks:read',
      'audit:read',
      'settings:read',
    ]);
  });

  test('an API token of a user, with its scopes and environments', async () => {
    const environments = [await environment(portolan), await environment(portolan)];
    const api = await token(portolan, { role: 'operator', scopes: ['services:write', 'images:read'], environments });
    const body = await me(api.token);
    expect(body).toMatchObject({ role: 'operator', allEnvironments: false });
    expect(body.user).toMatchObject({ id: api.userId, apiTokenId: api.tokenId, serviceAccountId: null });
    expect([...body.scopes].sort()).toEqual(['images:read', 'services:write']);
    expect([...body.environments].sort()).toEqual([...environments].sort());
  });

  test('a service account has an address of its own', async () => {
    const account = await serviceAccount(portolan, { role: 'operator' });
    const api = await token(portolan, { ownerServiceAccountId: account.id, role: 'viewer' });
    expect((await me(api.token)).user).toEqual({
      id: account.id,
      email: `${account.name}@service-account.local`,
      name: account.name,
      role: 'viewer',
      apiTokenId: api.tokenId,
      serviceAccountId: account.id,
    });
  });

  test('a token without any scope may probe itself', async () => {
    const api = await token(portolan, { scopes: [] });
    expect((await me(api.token)).scopes).toEqual([]);
  });

  test('admin:* is written out', async () => {
    const api = await token(portolan, { scopes: ['admin:*'] });
    expect((await me(api.token)).scopes).toEqual(scopesOfRole('admin'));
  });

  test('the weaker role of token and owner counts, and takes its scopes away', async () => {
    const owner = await user(portolan, { role: 'viewer' });
    const api = await token(portolan, { ownerUserId: owner.id, role: 'operator', scopes: ['images:read', 'images:write'] });
    expect(await me(api.token)).toMatchObject({ role: 'viewer', scopes: ['images:read'] });
  });

  test('an environment that is deleted leaves the list, and the token limited to nothing', async () => {
    const envId = await environment(portolan);
    const api = await token(portolan, { environments: [envId] });
    expect((await me(api.token)).environments).toEqual([envId]);
    await portolan.sql('delete from environments where id = $1', [envId]);
    portolan.context.authenticator.forget();
    expect(await me(api.token)).toMatchObject({ allEnvironments: false, environments: [] });
  });
});

describe('400', () => {
  test('an unknown parameter is told', async () => {
    const answer = await portolan.call('getCurrentPrincipal', { query: { verbose: true } });
    expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, 'verbose', 'unknown_parameter']);
  });
});
