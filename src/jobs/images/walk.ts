import type { UpstreamFailure } from '../../domain/errors';
import type { SystemSettings } from '../../domain/settings/systemSettings';
import type { RegistryClient } from '../../integrations/oci/client';
import type { RegistryFailure } from '../../integrations/oci/failure';
import type { Database } from '../../store/database';
import type { CheckError, ImageToWalk } from '../../store/imageWalks';
import type { Keyring } from '../../store/sealing';

/** What walks are made with; times are for tests. */
export interface WalkParts {
  database: Database;
  keyring: Keyring;
  registryClient: RegistryClient;
  /** As they are now: a walk asks when it begins. */
  settings(): Pick<SystemSettings, 'registryMaxTags' | 'registryMaxConcurrencyPerHost' | 'autoUpdateMinAgeMinutes'>;
  now(): Date;
  /** After a commit that recorded events. */
  announce(): void;
  /** A walk of a process that died can be taken over after it. */
  walkLeaseMs?: number;
  /** For one image, whatever its registry does. */
  walkTimeoutMs?: number;
}

export interface WalkOptions {
  /** Ends the walk, and nothing is written; what it throws then is the failure of the request that was cut off. */
  signal?: AbortSignal | undefined;
  /** Digests that were tried by automatic updates may be tried again. */
  retryFailed?: boolean | undefined;
  requestId?: string | undefined;
}

/** How a walk ended. A failure leaves everything that was known of the image as it was. */
export interface WalkOutcome {
  /** Whether something newer than what runs or is pinned is known. */
  hasUpdate: boolean;
  newestDigestId: string | null;
  /** Manifest digest of the newest. */
  newestDigest: string | null;
  bestTag: string | null;
  /** Services whose newest is another one, of another family. */
  otherwise: { serviceId: string; newestDigestId: string | null; bestTag: string | null }[];
  newDigests: number;
  /** Known digests whose tags came or went. */
  updatedDigests: number;
  /** The last time that the image was read. */
  lastCheckedAt: string;
  /** Something of the image was left out; `error` says what. */
  partial: boolean;
  /** What `lastCheckError` holds now. */
  error: CheckError | null;
  /** The registry's failure, when it was one. */
  failure: RegistryFailure | null;
  /** Lists, look-ups and manifests that were asked for. */
  requests: number;
}

/** An outcome as the row of the image keeps it, with the run that it is of. */
export interface KeptOutcome extends Omit<WalkOutcome, 'failure'> {
  runId: string;
  failure: { failure: UpstreamFailure; hint: string } | null;
}

/** What a walk is about, once it is known. */
export interface Subject {
  image: ImageToWalk;
  runId: string;
  /** Key of the access to the connection that serves the image; null = none does. */
  connection: { id: string; accessKey: string } | null;
}

/**
 * Images without a connection are due by themselves. Refreshes push the others out for this long; when it is over, the
 * schedule looks whether a connection still serves them.
 */
export const servedAgainMinutes = 90;
