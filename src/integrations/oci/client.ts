import type {
  CallOptions,
  ConnectionTest,
  ListedRepository,
  ListedTag,
  Listing,
  ListingOptions,
  ManifestFacts,
  RegistryAccess,
  SeenManifest,
} from './access';
import type { HostLedger } from './hostGate';

export type * from './access';

/** Members of the same names as the settings of registries; the rest is for tests and for replicas. */
export interface RegistryClientOptions {
  /** Of Portolan, for `User-Agent`. */
  version: string;
  /** For a whole request. */
  timeoutMs: number;
  maxConcurrencyPerHost: number;
  /** PEM file with certificates that are trusted beside the usual ones. */
  caFile: string | null;
  allowHttp: boolean;
  realmHosts: readonly string[];
  dockerHubApiUrl: string;
  dockerHubRegistryUrl: string;
  digitalOceanApiUrl: string;
  digitalOceanRegistryUrl: string;
  /** Without one the client keeps to the limits alone. */
  ledger?: HostLedger;
  connectTimeoutMs?: number;
  /** Before the second and the third attempt. */
  retryDelaysMs?: readonly number[];
  /** The longest wait within a request that a registry can ask for. */
  patienceMs?: number;
  now?(): Date;
}

/** Reads registries of all types. Everything that a registry does wrong is thrown as RegistryFailure. */
export interface RegistryClient {
  /** Never throws for what the registry does. */
  test(access: RegistryAccess, repository: string | null, options?: CallOptions): Promise<ConnectionTest>;
  /** Throws CatalogUnsupported when the registry has no list. */
  repositories(access: RegistryAccess, options?: ListingOptions): Promise<Listing<ListedRepository>>;
  /** `path` is the repository below the host. */
  tags(access: RegistryAccess, path: string, options?: ListingOptions): Promise<Listing<ListedTag>>;
  /** 'unchanged' when the known ETag still holds; null when there is no such tag. */
  manifest(
    access: RegistryAccess,
    path: string,
    reference: string,
    options?: CallOptions & { etag?: string | null },
  ): Promise<SeenManifest | 'unchanged' | null>;
  /** What the manifest of a digest and its config say. */
  manifestFacts(access: RegistryAccess, path: string, digest: string, options?: CallOptions): Promise<ManifestFacts>;
  /** Requests sent so far, for progress and benches. */
  readonly requestCount: number;
  /** Drops the tokens kept for an access. */
  forget(accessKey: string): void;
  close(): Promise<void>;
}
