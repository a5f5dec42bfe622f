import { describeWithRegistry } from '../../support/registry/binary';
import { makeImage, pushImage, pushIndex } from '../../support/registry/images';
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
});
