import { describeWithRegistry } from '../../support/registry/binary';
import { storeManyTags } from '../../support/registry/bulk';
import { deleteDigest, makeImage, pushImage, pushIndex } from '../../support/registry/images';
import { startRegistry } from '../../support/registry/registry';

describeWithRegistry('a registry of the tests', () => {
  test('starts, keeps what was pushed over a restart on the same port, and ends', async () => {
    const registry = await startRegistry();
    const { url } = registry;
    const { digest } = await pushImage(registry, 'acme/api', ['1.0.0', 'stable']);
    await registry.restart();
    expect(registry.url).toBe(url);
    const head = await registry.request('HEAD', '/v2/acme/api/manifests/stable', { headers: { accept: makeImage().mediaType } });
    expect(head.headers['docker-content-digest']).toBe(digest);
    await registry.stop();
    await expect(registry.request('GET', '/v2/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await registry.close();
  });

  test.each(['none', 'htpasswd', 'token'] as const)('takes images with auth %s, over http and https', async (auth) => {
    for (const tls of [false, true]) {
      const registry = await startRegistry({ auth, tls });
      try {
        const index = await pushIndex(registry, 'acme/api', ['1.0.0'], { attestation: true });
        expect(index.images).toHaveLength(2);
      } finally {
        await registry.close();
      }
    }
  });

  test('serves what was put into its storage like what was pushed', async () => {
    const registry = await startRegistry();
    try {
      const digests = storeManyTags(registry, 'acme/many', 6, 2);
      const headers = { accept: makeImage().mediaType };
      const digestOf = async (tag: string) =>
        (await registry.request('HEAD', `/v2/acme/many/manifests/${tag}`, { headers })).headers['docker-content-digest'];
      expect(digests.size).toBe(6);
      for (const [tag, digest] of digests) expect(await digestOf(tag)).toBe(digest);
      await deleteDigest(registry, 'acme/many', digests.get('1.0.0') as string);
      await pushImage(registry, 'acme/many', ['1.0.1', '2.0.0']);
      const listed = await registry.request('GET', '/v2/acme/many/tags/list');
      expect(JSON.parse(listed.text).tags.sort()).toEqual(['1.0.1', '1.0.2', '1.0.3', '1.0.4', '1.0.5', '2.0.0']);
      expect(await digestOf('1.0.1')).toBe(makeImage().digest);
    } finally {
      await registry.close();
    }
  });
});
