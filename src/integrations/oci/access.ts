import type { ImageConfig } from '../../domain/images/imageConfig';
import type { RegistryType } from '../../domain/registries/registry';
import type { RegistryFailure } from './failure';

/** A connection with its secrets opened, or anonymous access at a host. */
export interface RegistryAccess {
  /** For tokens, fairness and logs; changes when credentials, URL, type or prefix change. */
  key: string;
  /** Shown in failures. */
  name: string;
  type: RegistryType;
  registryUrl: string;
  repositoryPrefix: string | null;
  username: string | null;
  password: string | null;
  token: string | null;
  /** Why nothing can be asked with it; every call fails so. */
  unusable?: RegistryFailure;
}

export interface CallOptions {
  /** Every wait ends with it. */
  signal?: AbortSignal | undefined;
  /** `X-Request-Id` of the cause. */
  requestId?: string | undefined;
  /** Not sent when less than a tenth of the host's rate limit is left: OptionalRefused is thrown instead. */
  optional?: boolean | undefined;
  /** Runs for each request that is sent: pages, tokens and further attempts included. */
  onRequest?: (() => void) | undefined;
}

export interface ListingOptions extends CallOptions {
  /** Reading stops when there are this many entries. */
  most?: number | undefined;
}

export interface Listing<T> {
  entries: T[];
  /** The list goes on, but was cut here by `most` or by time. */
  truncated: boolean;
}

export interface ListedRepository {
  name: string;
  tagCount: number | null;
}

export interface ListedTag {
  tag: string;
  digest: string | null;
  sizeBytes: number | null;
  /** ISO 8601. */
  updatedAt: string | null;
}

export interface SeenManifest {
  digest: string;
  etag: string | null;
  mediaType: string;
}

export interface ManifestFacts {
  digest: string;
  mediaType: string;
  /** Of the image, or of the linux/amd64 entry of an index. */
  configDigest: string | null;
  /** Such as `linux/amd64` and `linux/arm/v7`. */
  platforms: string[];
  /** Compressed, of the image or of the linux/amd64 entry of an index. */
  sizeBytes: number | null;
  /** ISO 8601, from the config. */
  builtAt: string | null;
  /** How the image, or the linux/amd64 entry of an index, is started; null for what is no image that can be started. */
  config: ImageConfig | null;
}

export interface ConnectionCheck {
  name: 'dns_tls' | 'api_version' | 'authentication' | 'catalog' | 'repository';
  ok: boolean;
  /** Not done, because an earlier check failed. */
  skipped?: boolean;
  message: string;
  durationMs: number;
}

export interface RateLimitSeen {
  limit: number;
  remaining: number;
  /** ISO 8601. */
  resetAt: string | null;
}

export interface ConnectionTest {
  checks: ConnectionCheck[];
  /** Of the first check that failed; null when all is well. */
  failure: RegistryFailure | null;
  rateLimit: RateLimitSeen | null;
}
