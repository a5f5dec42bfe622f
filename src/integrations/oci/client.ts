import type { LookupFunction } from 'node:net';
import { isValidDigest, isValidTag } from '../../domain/images/reference';
import type {
  CallOptions,
  ConnectionTest,
  ListedRepository,
  ListedTag,
  Listing,
  ListingOptions,
  ManifestFacts,
  RateLimitSeen,
  RegistryAccess,
  SeenManifest,
} from './access';
import { createAuthentication, type Session } from './auth/authentication';
import { createTokenServers } from './auth/bearer';
import { credentialsOf } from './auth/credentials';
import { createApiCall } from './dialects/apiTransport';
import { createDigitalOcean } from './dialects/digitalOcean';
import { createDockerHub } from './dialects/dockerHub';
import { RegistryFailure } from './failure';
import { createLocalLedger, type HostLedger } from './hostLedger';
import { endpointOf } from './protocol/endpoint';
import { createListing } from './protocol/listing';
import { createManifestFacts } from './protocol/manifestFacts';
import { createManifests } from './protocol/manifests';
import { createConnectionTest, untested } from './protocol/testConnection';
import { callerOf } from './wire/caller';
import { createHostGate } from './wire/hostGate';
import { createHostStandings } from './wire/hostStandings';
import { createPacing } from './wire/pacing';
import { followingRedirects } from './wire/redirects';
import { createWire } from './wire/wire';

export type * from './access';

/**
 * Members of the same names as the settings of registries; the rest is for replicas and for tests. Times and limits are
 * read for each request: where they are getters, a change acts on the next one.
 */
export interface RegistryClientOptions {
  /** Of Portolan, for `User-Agent`. */
  version: string;
  /** For a whole request, without the pauses that its host asks for. */
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
  headersTimeoutMs?: number;
  /** Before the second and the third attempt. */
  retryDelaysMs?: readonly number[];
  /** The longest pause within a request that a registry can ask for. */
  patienceMs?: number;
  lookup?: LookupFunction;
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

/** A client over one pool of connections. The layers stand in the order in which a request passes them. */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const { now = () => new Date(), ledger = createLocalLedger() } = options;
  // Where there are no replicas, nobody else waits for a slot. Among replicas each handover leaves it idle for a moment.
  const handOverMs = options.ledger ? 5000 : Number.POSITIVE_INFINITY;
  const gate = createHostGate({ slots: () => options.maxConcurrencyPerHost, ledger, handOverMs });
  const standings = createHostStandings(ledger);
  const wire = createWire({
    version: options.version,
    caFile: options.caFile,
    connectTimeoutMs: () => options.connectTimeoutMs ?? Math.min(5000, options.timeoutMs * 0.8),
    headersTimeoutMs: () => options.headersTimeoutMs ?? options.timeoutMs,
    lookup: options.lookup,
  });
  const pacing = createPacing(wire, gate, standings, {
    timeoutMs: () => options.timeoutMs,
    retryDelaysMs: options.retryDelaysMs ?? [500, 2000],
    patienceMs: options.patienceMs ?? 60_000,
    now,
  });
  const send = followingRedirects(pacing);
  const authentication = createAuthentication(send, createTokenServers(send, { realmHosts: options.realmHosts, now }), now);
  const call = createApiCall(send);
  const dockerHub = createDockerHub(call, options.dockerHubApiUrl, () => now().getTime());
  const digitalOcean = createDigitalOcean(call, options.digitalOceanApiUrl);
  const listing = createListing(authentication);
  const manifests = createManifests(authentication);
  const manifestFacts = createManifestFacts(authentication, manifests);
  const test = createConnectionTest({
    send,
    authentication,
    listed: ({ access, caller }) => client.repositories(access, { signal: caller.signal, requestId: caller.requestId, most: 1 }),
  });

  function open(access: RegistryAccess, call?: CallOptions): Session {
    if (access.unusable) throw access.unusable;
    const endpoint = endpointOf(access, options);
    return { access, endpoint, credentials: credentialsOf(access, endpoint.dialect), caller: callerOf(access, call) };
  }

  async function rateLimitAt(host: string): Promise<RateLimitSeen | null> {
    const { limit, remaining, resetAt } = await standings.of(host);
    return limit === null || remaining === null ? null : { limit, remaining, resetAt: resetAt?.toISOString() ?? null };
  }

  const client: RegistryClient = {
    async test(access, repository, call) {
      let session: Session;
      try {
        session = open(access, call);
      } catch (error) {
        if (!(error instanceof RegistryFailure)) throw error;
        return { ...(await untested(error, repository)), rateLimit: null };
      }
      const result = await test(session, repository);
      return { ...result, rateLimit: await rateLimitAt(session.endpoint.host) };
    },
    async repositories(access, call = {}) {
      const session = open(access, call);
      const { dialect } = session.endpoint;
      if (dialect === 'dockerhub') return dockerHub.repositories(access, call);
      if (dialect === 'digitalocean') return digitalOcean.repositories(access, call);
      return listing.repositories(session, call);
    },
    async tags(access, path, call = {}) {
      const session = open(access, call);
      const { dialect } = session.endpoint;
      if (dialect === 'digitalocean') return digitalOcean.tags(access, path, call);
      const listed = dialect === 'dockerhub' ? await dockerHub.tags(access, path, call) : null;
      return listed ?? listing.tags(session, path, call);
    },
    async manifest(access, path, reference, call = {}) {
      if (!isValidTag(reference) && !isValidDigest(reference)) return null;
      return manifests.look(open(access, call), path, reference, call.etag ?? null);
    },
    async manifestFacts(access, path, digest, call) {
      return manifestFacts(open(access, call), path, digest);
    },
    get requestCount() {
      return wire.requestCount;
    },
    forget(accessKey) {
      authentication.forget(accessKey);
      dockerHub.forget(accessKey);
      digitalOcean.forget(accessKey);
    },
    async close() {
      await wire.close();
      await gate.close();
    },
  };
  return client;
}
