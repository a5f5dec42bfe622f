import type { RegistryAccess } from '../../../src/integrations/oci/access';
import type { RegistryClient } from '../../../src/integrations/oci/client';
import { type FakeDigitalOcean, startFakeDigitalOcean } from '../../support/fakeDigitalOcean';
import { type FakeDockerHub, startFakeDockerHub } from '../../support/fakeDockerHub';
import { basic, contentOf, digest, openScene, password, type Scene, username } from './scene';

/** Which API is asked for what, by type and host of a connection. */

let scene: Scene;
let hub: FakeDockerHub;
let ocean: FakeDigitalOcean;
let client: RegistryClient;

beforeEach(async () => {
  scene = await openScene();
  hub = await startFakeDockerHub();
  ocean = await startFakeDigitalOcean();
  hub.accounts.set(username, { username, password, accessTokens: [], secondFactor: false });
  hub.repositories.set('acme/api', { private: false, tags: [{ name: '9.0', digest, full_size: 5 }] });
  ocean.tokens.add('dop_v1_good');
  ocean.registries.set('acme', new Map([['api', [{ tag: '8.0', manifest_digest: digest }]]]));
  client = scene.clientWith({
    timeoutMs: 2000,
    dockerHubApiUrl: hub.url,
    dockerHubRegistryUrl: scene.homeUrl,
    digitalOceanApiUrl: ocean.url,
    digitalOceanRegistryUrl: scene.homeUrl,
  });
});

afterEach(() => Promise.all([scene.close(), hub.close(), ocean.close()]));

const at = (type: RegistryAccess['type'], registryUrl: string, parts: Partial<RegistryAccess> = {}): RegistryAccess => ({
  ...scene.access,
  type,
  registryUrl,
  repositoryPrefix: 'acme',
  ...parts,
});

const tagsOf = async (access: RegistryAccess, path = 'acme/api') =>
  (await client.tags(access, path)).entries.map(({ tag }) => tag);

test.each(['docker.io', 'https://registry-1.docker.io', 'hub.docker.com'])(
  'Docker Hub at %s: lists by its API, manifests by the protocol',
  async (url) => {
    const access = at('dockerhub', url);
    expect(await tagsOf(access)).toEqual(['9.0']);
    expect((await client.repositories(access)).entries.map(({ name }) => name)).toEqual(['acme/api']);
    expect(scene.home.requests).toEqual([]);
    await expect(client.manifest(access, 'acme/api', '1.0')).resolves.toMatchObject({ digest });
    expect((await client.test(access, null)).failure).toBeNull();
  },
);

test('Docker Hub whose API is away is read by the protocol', async () => {
  hub.fault = () => ({ status: 500, body: 'away' });
  expect(await tagsOf(at('dockerhub', 'docker.io'))).toEqual(['1.0', '1.1']);
});

test('anonymous Docker Hub without a namespace passes its test, and names of one part stand under library/', async () => {
  scene.home.behave = (request) => contentOf({ ...request, path: request.path.replace('library/nginx', 'acme/api') });
  const access = at('dockerhub', 'docker.io', { username: null, password: null, repositoryPrefix: null });
  expect((await client.test(access, null)).failure).toBeNull();
  await expect(client.manifest(access, 'nginx', '1.0')).resolves.toMatchObject({ digest });
  expect(scene.home.requests.at(-1)?.path).toBe('/v2/library/nginx/manifests/1.0');
});

test('DigitalOcean: lists by its API, manifests by the protocol with the token as user and password', async () => {
  const token = 'dop_v1_good';
  const both = `Basic ${Buffer.from(`${token}:${token}`).toString('base64')}`;
  const usual = scene.home.behave;
  scene.home.behave = (request) =>
    usual(
      request.headers.authorization === both ? { ...request, headers: { ...request.headers, authorization: basic } } : request,
    );
  const access = at('digitalocean', 'registry.digitalocean.com', { username: null, password: null, token });
  expect(await tagsOf(access)).toEqual(['8.0']);
  expect((await client.repositories(access)).entries).toEqual([{ name: 'acme/api', tagCount: 1 }]);
  await expect(client.manifest(access, 'acme/api', '1.0')).resolves.toMatchObject({ digest });
  expect((await client.test(access, null)).failure).toBeNull();
});

test.each(['dockerhub', 'digitalocean'] as const)(
  'a %s connection with another host is a mirror: the protocol only',
  async (type) => {
    const access = at(type, scene.homeUrl);
    expect(await tagsOf(access)).toEqual(['1.0', '1.1']);
    expect((await client.repositories(access)).entries.map(({ name }) => name)).toEqual(['acme/api']);
    expect([...hub.requests, ...ocean.requests]).toEqual([]);
  },
);
