import { createHash } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import type { RegistryAccess } from '../../../src/integrations/oci/access';
import { createRegistryClient, type RegistryClient, type RegistryClientOptions } from '../../../src/integrations/oci/client';
import { type FailureReason, RegistryFailure } from '../../../src/integrations/oci/failure';
import { type Behaviour, type FakeRegistry, type SentRequest, startFakeRegistry } from '../../support/fakeRegistry';

/** A registry that can be made to fail, a stranger that takes down whatever it is sent, and a client between them. */

export const username = 'robot';
export const password = 'pa55word-of-robot';
export const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

export const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf('layer'), size: 1000 };
export const config = JSON.stringify({ os: 'linux', architecture: 'amd64', created: '2025-03-04T05:06:07Z' });
export const manifestType = 'application/vnd.oci.image.manifest.v1+json';
export const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: manifestType,
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
  layers: [layer],
});
export const digest = digestOf(manifest);

export interface Scene {
  home: FakeRegistry;
  stranger: FakeRegistry;
  client: RegistryClient;
  /** `http://registry.test:<port>` */
  homeUrl: string;
  strangerUrl: string;
  access: RegistryAccess;
  /** Moves the client's clock. */
  later(ms: number): void;
  clientWith(options: Partial<RegistryClientOptions>): RegistryClient;
  close(): Promise<void>;
}

/** The well behaved registry: Basic authentication, one repository. */
export function wellBehaved(request: SentRequest): Behaviour {
  if (request.headers.authorization !== basic) {
    return {
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="registry"' },
      body: { errors: [{ code: 'UNAUTHORIZED' }] },
    };
  }
  return contentOf(request);
}

/** What the registry holds, for whoever asks. */
export function contentOf({ path }: SentRequest): Behaviour {
  if (path === '/v2/') return { status: 200, headers: { 'docker-distribution-api-version': 'registry/2.0' }, body: {} };
  if (path === '/v2/_catalog') return { status: 200, body: { repositories: ['acme/api'] } };
  if (path === '/v2/acme/api/tags/list') return { status: 200, body: { name: 'acme/api', tags: ['1.0', '1.1'] } };
  if (path === '/v2/acme/api/manifests/1.0' || path === `/v2/acme/api/manifests/${digest}`) {
    const headers = { 'content-type': manifestType, 'docker-content-digest': digest, etag: `"${digest}"` };
    return { status: 200, headers, body: manifest };
  }
  if (path === `/v2/acme/api/blobs/${digestOf(config)}`) return { status: 200, body: config };
  return { status: 404, body: { errors: [{ code: 'NAME_UNKNOWN', message: 'not here' }] } };
}

/** Names of the tests; everything else is not known. */
const addresses: Record<string, string[]> = {
  'registry.test': ['127.0.0.1'],
  'auth.registry.test': ['127.0.0.1'],
  'stranger.example': ['127.0.0.1'],
  'rebound.example': ['169.254.169.254'],
  'half.example': ['127.0.0.1', '169.254.169.254'],
  'mapped.example': ['::ffff:169.254.169.254'],
};

export const lookup: LookupFunction = (hostname, options, callback) => {
  if (hostname === 'silent.example') {
    callback(Object.assign(new Error('try again'), { code: 'EAI_AGAIN' }), '', 0);
    return;
  }
  const found = addresses[hostname];
  if (!found) {
    callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), '', 0);
    return;
  }
  const all = found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  if (options.all) callback(null, all);
  else callback(null, all[0]?.address ?? '', all[0]?.family);
};

export async function openScene(tls?: { key: string; cert: string }): Promise<Scene> {
  const home = await startFakeRegistry(wellBehaved, tls);
  const stranger = await startFakeRegistry(() => ({ status: 404 }));
  let offsetMs = 0;
  const clients: RegistryClient[] = [];
  const clientWith = (options: Partial<RegistryClientOptions>) => {
    const made = createRegistryClient({ ...quick, now: () => new Date(Date.now() + offsetMs), ...options });
    clients.push(made);
    return made;
  };
  const homeUrl = `${tls ? 'https' : 'http'}://registry.test:${home.port}`;
  return {
    home,
    stranger,
    client: clientWith({}),
    homeUrl,
    strangerUrl: `http://stranger.example:${stranger.port}`,
    access: accessTo(homeUrl),
    later: (ms) => {
      offsetMs += ms;
    },
    clientWith,
    async close() {
      await Promise.all([...clients.map((each) => each.close()), home.close(), stranger.close()]);
    },
  };
}

export const quick: RegistryClientOptions = {
  version: '1.2.3',
  timeoutMs: 1000,
  connectTimeoutMs: 300,
  retryDelaysMs: [5, 10],
  patienceMs: 300,
  maxConcurrencyPerHost: 4,
  caFile: null,
  allowHttp: true,
  realmHosts: [],
  dockerHubApiUrl: 'http://hub.test',
  dockerHubRegistryUrl: 'http://hub.test',
  digitalOceanApiUrl: 'http://ocean.test',
  digitalOceanRegistryUrl: 'http://ocean.test',
  lookup,
};

export const accessTo = (registryUrl: string, parts: Partial<RegistryAccess> = {}): RegistryAccess => ({
  key: 'one',
  name: 'ours',
  type: 'generic',
  registryUrl,
  repositoryPrefix: null,
  username,
  password,
  token: null,
  ...parts,
});

/** One way to go wrong. `act` reads the tags of `acme/api` unless it says otherwise. */
export interface Fault {
  name: string;
  /** What the registry does to requests that have their credentials. */
  home?(request: SentRequest, scene: Scene): Behaviour | undefined;
  /** What it does to all requests. */
  gate?(request: SentRequest, scene: Scene): Behaviour | undefined;
  stranger?(request: SentRequest, scene: Scene): Behaviour | undefined;
  act?(scene: Scene): Promise<unknown>;
  reason?: FailureReason;
  says?: RegExp;
  hint?: RegExp;
  /** What comes back, when nothing fails. */
  value?: unknown;
  check?(scene: Scene, failure: RegistryFailure | undefined): void | Promise<void>;
}

/** The outcome of each fault, that it came soon, that no credential left home, and that the client is none the worse. */
export function testFaults(
  faults: readonly Fault[],
  tls?: { key: string; cert: string },
  options: Partial<RegistryClientOptions> = {},
) {
  test.each(faults.map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
    const scene = await openScene(tls);
    scene.client = scene.clientWith(options);
    try {
      await suffer(scene, fault);
    } finally {
      await scene.close();
    }
  });
}

async function suffer(scene: Scene, fault: Fault): Promise<void> {
  const { home, stranger } = scene;
  home.behave = (request) => {
    const atGate = fault.gate?.(request, scene);
    if (atGate) return atGate;
    const isIn = request.headers.authorization === basic;
    return (isIn ? fault.home?.(request, scene) : undefined) ?? wellBehaved(request);
  };
  stranger.behave = (request) => fault.stranger?.(request, scene) ?? { status: 404 };

  const startedAt = performance.now();
  const work = fault.act?.(scene) ?? tagsAt(scene);
  const [value, failure] = await work.then(
    (result) => [result, undefined] as const,
    (error) => [undefined, error] as const,
  );
  expect(performance.now() - startedAt).toBeLessThan(4000);

  if (fault.reason) {
    expect(failure).toBeInstanceOf(RegistryFailure);
    expect({ reason: failure.failure.reason, message: failure.message }).toEqual({
      reason: fault.reason,
      message: fault.says ? expect.stringMatching(fault.says) : expect.any(String),
    });
    expect(failure.failure).toMatchObject({ kind: 'registry', name: 'ours', message: failure.message });
    expect(failure.hint).toMatch(fault.hint ?? /\w{3}.*\.$/);
    expect(failure.message.length).toBeLessThan(500);
  } else {
    expect(failure).toBeUndefined();
    expect(value).toEqual(fault.value);
  }
  await fault.check?.(scene, failure);
  expectNoSecrets(JSON.stringify([failure?.failure ?? null, failure?.hint ?? null]));
  expectNoSecrets(JSON.stringify(stranger.requests));

  home.behave = wellBehaved;
  scene.later(2 * 86_400_000);
  await expect(scene.client.tags(scene.access, 'acme/api')).resolves.toMatchObject({ truncated: false });
}

export const tagsAt = async ({ client, access }: Scene): Promise<string[]> =>
  (await client.tags(access, 'acme/api')).entries.map(({ tag }) => tag);

export function expectNoSecrets(text: string): void {
  for (const secret of [password, basic.slice('Basic '.length), encodeURIComponent(password)]) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/"authorization":/);
}
