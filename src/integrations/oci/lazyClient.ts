import type { RegistryClient } from './client';

/** A client that is built at its first use: loading it takes a tenth of a second, which a start need not wait for. */
export function lazyRegistryClient(build: () => Promise<RegistryClient>): RegistryClient {
  let building: Promise<RegistryClient> | undefined;
  let built: RegistryClient | undefined;
  const client = async (): Promise<RegistryClient> => {
    building ??= build();
    built = await building;
    return built;
  };
  return {
    test: async (...parameters) => (await client()).test(...parameters),
    repositories: async (...parameters) => (await client()).repositories(...parameters),
    tags: async (...parameters) => (await client()).tags(...parameters),
    manifest: async (...parameters) => (await client()).manifest(...parameters),
    manifestFacts: async (...parameters) => (await client()).manifestFacts(...parameters),
    get requestCount() {
      return built?.requestCount ?? 0;
    },
    forget: (accessKey) => built?.forget(accessKey),
    close: async () => (await building)?.close(),
  };
}
