import type { RegistryClient } from '../../../src/integrations/oci/client';
import { describeWithRegistry } from '../../support/registry/binary';
import { accessTo, clientFor } from '../../support/registry/client';
import { deleteDigest, pushImage, pushIndex } from '../../support/registry/images';
import { startRegistry, type TestRegistry } from '../../support/registry/registry';

/** What a real registry tells about tags and digests. */

const builtAt = '2026-02-03T04:05:06.000Z';
const created = new Date(builtAt);

describeWithRegistry.each(['none', 'htpasswd', 'token'] as const)('manifests of a registry with auth %s', (auth) => {
  let registry: TestRegistry;
  let client: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry({ auth });
    client = clientFor(registry);
  });
  afterAll(async () => {
    await client.close();
    await registry.close();
  });
  const digestOf = async (path: string, tag: string) => {
    const seen = await client.manifest(accessTo(registry), path, tag);
    return seen && seen !== 'unchanged' ? seen.digest : seen;
  };

  test('several tags on one digest each give it', async () => {
    const { digest } = await pushImage(registry, 'acme/api', ['1.2.3', '1.2', 'latest']);
    for (const tag of ['1.2.3', '1.2', 'latest']) expect(await digestOf('acme/api', tag)).toBe(digest);
  });

  test('a known ETag gives "unchanged" until the tag moves', async () => {
    const access = accessTo(registry);
    const first = await pushImage(registry, 'acme/moving', ['stable'], { label: 'first' });
    const seen = await client.manifest(access, 'acme/moving', 'stable');
    if (!seen || seen === 'unchanged') throw new Error('the tag is there');
    expect(seen).toMatchObject({ digest: first.digest, mediaType: first.mediaType, etag: expect.any(String) });
    expect(await client.manifest(access, 'acme/moving', 'stable', { etag: seen.etag })).toBe('unchanged');
    const second = await pushImage(registry, 'acme/moving', ['stable'], { label: 'second' });
    expect(await client.manifest(access, 'acme/moving', 'stable', { etag: seen.etag })).toMatchObject({ digest: second.digest });
  });

  test('a look at a tag is one HEAD once the registry is known, and 304 is all that comes back for a known ETag', async () => {
    const access = accessTo(registry);
    await pushImage(registry, 'acme/counted', ['1.0.0']);
    const seen = await client.manifest(access, 'acme/counted', '1.0.0');
    if (!seen || seen === 'unchanged') throw new Error('the tag is there');
    const looks = async () => {
      // A line is written after its answer was sent.
      await registry.request('GET', '/v2/');
      await new Promise((resolve) => setTimeout(resolve, 50));
      return registry.seenRequests().filter(({ path, method }) => path.startsWith('/v2/acme/counted/') && method === 'HEAD');
    };
    const before = (await looks()).length;
    const requestsBefore = client.requestCount;
    await client.manifest(access, 'acme/counted', '1.0.0');
    await client.manifest(access, 'acme/counted', '1.0.0', { etag: seen.etag });
    expect(client.requestCount - requestsBefore).toBe(2);
    expect((await looks()).slice(before).map(({ status }) => status)).toEqual([200, 304]);
  });

  test('a tag that is missing, was deleted, or stands in no repository is null', async () => {
    const access = accessTo(registry);
    const { digest } = await pushImage(registry, 'acme/gone', ['1.0.0']);
    expect(await client.manifest(access, 'acme/gone', '2.0.0')).toBeNull();
    await deleteDigest(registry, 'acme/gone', digest);
    expect(await client.manifest(access, 'acme/gone', '1.0.0')).toBeNull();
    expect(await client.manifest(access, 'acme/never', '1.0.0')).toBeNull();
  });

  test.each([
    ['OCI', {}],
    ['Docker', { docker: true }],
  ])('facts of a single image of %s', async (_, format) => {
    const image = await pushImage(registry, 'acme/single', ['1.0.0'], {
      ...format,
      platform: 'linux/arm/v7',
      created,
      layers: ['x'.repeat(5000), 'y'.repeat(300)],
    });
    expect(await digestOf('acme/single', '1.0.0')).toBe(image.digest);
    expect(await client.manifestFacts(accessTo(registry), 'acme/single', image.digest)).toEqual({
      digest: image.digest,
      mediaType: image.mediaType,
      configDigest: image.configDigest,
      platforms: ['linux/arm/v7'],
      sizeBytes: expect.any(Number),
      builtAt,
      config: { ports: [], user: null, entrypoint: [], cmd: [], workdir: null },
    });
  });

  test('how an image is started, and an index its linux/amd64 image', async () => {
    const config = {
      ExposedPorts: { '9090/udp': {}, '8080/tcp': {} },
      User: 'app',
      Entrypoint: ['/bin/shop'],
      Cmd: ['serve', '--all'],
      WorkingDir: '/srv',
      Env: ['TOKEN=not to be kept'],
    };
    const read = {
      ports: [
        { port: 8080, protocol: 'tcp' },
        { port: 9090, protocol: 'udp' },
      ],
      user: 'app',
      entrypoint: ['/bin/shop'],
      cmd: ['serve', '--all'],
      workdir: '/srv',
    };
    const image = await pushImage(registry, 'acme/started', ['1.0.0'], { config });
    expect((await client.manifestFacts(accessTo(registry), 'acme/started', image.digest)).config).toEqual(read);
    const images = [{ platform: 'linux/arm64', config: { User: 'arm' } }, { config }];
    const index = await pushIndex(registry, 'acme/started', ['2.0.0'], { images });
    expect((await client.manifestFacts(accessTo(registry), 'acme/started', index.digest)).config).toEqual(read);
  });

  test.each([
    ['OCI', {}],
    ['Docker', { docker: true }],
  ])('facts of an index of %s: its platforms, and size and time of linux/amd64', async (_, format) => {
    const images = [
      { platform: 'linux/arm64', layers: ['arm'], created: new Date(0) },
      { platform: 'linux/amd64', layers: ['z'.repeat(4000)], created },
    ];
    const index = await pushIndex(registry, 'acme/index', ['1.0.0'], { ...format, images });
    expect(await digestOf('acme/index', '1.0.0')).toBe(index.digest);
    const facts = await client.manifestFacts(accessTo(registry), 'acme/index', index.digest);
    expect(facts).toMatchObject({ digest: index.digest, mediaType: index.mediaType, builtAt });
    expect([...facts.platforms].sort()).toEqual(['linux/amd64', 'linux/arm64']);
    expect(facts.configDigest).toBe(index.images[1]?.configDigest);
    expect(facts.sizeBytes).toBeGreaterThanOrEqual(4000);
    expect(facts.sizeBytes).toBeLessThanOrEqual(index.images[1]?.contentBytes as number);
  });

  test('an attestation is no platform', async () => {
    const index = await pushIndex(registry, 'acme/attested', ['1.0.0'], { attestation: true });
    const facts = await client.manifestFacts(accessTo(registry), 'acme/attested', index.digest);
    expect([...facts.platforms].sort()).toEqual(['linux/amd64', 'linux/arm64']);
  });

  test('an index without linux/amd64, and an image that does not say when it was built', async () => {
    const index = await pushIndex(registry, 'acme/arm', ['1.0.0'], { images: [{ platform: 'linux/arm64' }] });
    expect((await client.manifestFacts(accessTo(registry), 'acme/arm', index.digest)).platforms).toEqual(['linux/arm64']);
    const { digest } = await pushImage(registry, 'acme/timeless', ['1.0.0'], { created: null });
    expect((await client.manifestFacts(accessTo(registry), 'acme/timeless', digest)).builtAt).toBeNull();
  });
});
