import { createRegistryClient, type RegistryAccess, type RegistryClient } from '../../../src/integrations/oci/client';
import { testConfig } from '../config';
import type { TestRegistry } from './registry';

let accesses = 0;

/** A connection to a registry with the credentials of its first user; every call gives another key. */
export function accessTo(registry: TestRegistry, changes: Partial<RegistryAccess> = {}): RegistryAccess {
  return {
    key: `access-${++accesses}`,
    name: 'harbour',
    type: 'generic',
    registryUrl: registry.url,
    repositoryPrefix: null,
    username: registry.username,
    password: registry.password,
    token: null,
    ...changes,
  };
}

/** The same without credentials. */
export const anonymousAt = (registry: TestRegistry): RegistryAccess => accessTo(registry, { username: null, password: null });

/** A client with the settings of a fresh installation that trusts the registry's authority. */
export function clientFor(
  registry: TestRegistry,
  changes: Partial<Parameters<typeof createRegistryClient>[0]> = {},
): RegistryClient {
  const limits = testConfig().registry;
  return createRegistryClient({
    ...limits,
    version: '0.0.0',
    allowHttp: true,
    caFile: registry.caFile,
    retryDelaysMs: [5, 10],
    ...changes,
  });
}
