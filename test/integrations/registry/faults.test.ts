import type { RegistryClient } from '../../../src/integrations/oci/client';
import { describeWithRegistry } from '../../support/registry/binary';
import { accessTo, clientFor } from '../../support/registry/client';
import { pushImage } from '../../support/registry/images';
import { type RegistryOptions, startRegistry, type TestRegistry } from '../../support/registry/registry';

/** A real registry that cannot be reached, or not be trusted. */

const dayMs = 86_400_000;
let registry: TestRegistry;
let client: RegistryClient;
const start = async (options: RegistryOptions, changes: Parameters<typeof clientFor>[1] = {}) => {
  registry = await startRegistry(options);
  client = clientFor(registry, changes);
};
const end = async () => {
  await client.close();
  await registry.close();
};
/** The first check that failed, why, and whether what comes after it was skipped. */
const testOutcome = async (changes: Parameters<typeof accessTo>[1] = {}) => {
  const { checks, failure } = await client.test(accessTo(registry, changes), null);
  const at = checks.findIndex(({ ok }) => !ok);
  return { at: checks[at]?.name, reason: failure?.failure.reason, rest: checks.slice(at + 1).every(({ skipped }) => skipped) };
};

describeWithRegistry('a registry that stops', () => {
  afterEach(end);

  test('refuses connections, is named, and works again when it is back', async () => {
    await start({});
    await pushImage(registry, 'acme/api', ['1.0.0']);
    const access = accessTo(registry);
    const before = await client.tags(access, 'acme/api');
    await registry.stop();
    await expect(client.tags(access, 'acme/api')).rejects.toMatchObject({
      failure: { kind: 'registry', name: 'harbour', host: registry.host, reason: 'connection_refused' },
      hint: expect.stringMatching(/Check that the registry runs/),
    });
    await expect(client.manifest(access, 'acme/api', '1.0.0')).rejects.toMatchObject({
      failure: { reason: 'connection_refused' },
    });
    expect(await testOutcome()).toEqual({ at: 'dns_tls', reason: 'connection_refused', rest: true });
    await registry.start();
    expect(await client.tags(access, 'acme/api')).toEqual(before);
  });

  test('for a moment: the request is repeated, and the caller does not notice', async () => {
    await start({}, { retryDelaysMs: [1000, 2000] });
    await pushImage(registry, 'acme/api', ['1.0.0']);
    await client.tags(accessTo(registry), 'acme/api');
    await registry.stop();
    const listed = client.tags(accessTo(registry), 'acme/api');
    await registry.start();
    expect((await listed).entries).toHaveLength(1);
  });
});

describeWithRegistry('a certificate that is not accepted', () => {
  afterEach(end);

  test('of a private authority that Portolan does not know', async () => {
    await start({ tls: true }, { caFile: null });
    expect(await testOutcome()).toEqual({ at: 'dns_tls', reason: 'tls', rest: true });
    await expect(client.repositories(accessTo(registry))).rejects.toMatchObject({
      failure: { reason: 'tls', message: expect.stringMatching(/authority/) },
      hint: expect.stringContaining('REGISTRY_CA_FILE'),
    });
  });

  test.each([
    ['expired', { notBefore: new Date(Date.now() - 9 * dayMs), notAfter: new Date(Date.now() - dayMs) }, /has expired/],
    ['not valid yet', { notBefore: new Date(Date.now() + dayMs), notAfter: new Date(Date.now() + 9 * dayMs) }, /not valid yet/],
    ['for another name', { names: ['registry.example'] }, /other names/],
  ])('%s', async (_, tls, message) => {
    await start({ tls });
    expect(await testOutcome()).toEqual({ at: 'dns_tls', reason: 'tls', rest: true });
    await expect(client.repositories(accessTo(registry))).rejects.toMatchObject({
      failure: { reason: 'tls', message: expect.stringMatching(message) },
    });
  });
});

describeWithRegistry('the wrong scheme', () => {
  afterEach(end);

  test('https where the registry speaks http', async () => {
    await start({});
    expect(await testOutcome({ registryUrl: `https://${registry.host}` })).toMatchObject({ at: 'dns_tls', reason: 'tls' });
  });

  test('http where the registry speaks https', async () => {
    await start({ tls: true });
    expect(await testOutcome({ registryUrl: `http://${registry.host}` })).toMatchObject({ reason: 'tls' });
  });

  test('http where the installation does not allow it: nothing is sent', async () => {
    await start({}, { allowHttp: false });
    expect(await testOutcome()).toMatchObject({ reason: 'tls', rest: true });
    expect(client.requestCount).toBe(0);
  });
});
