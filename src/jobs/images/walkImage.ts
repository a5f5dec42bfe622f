import type { RegistryFailure } from '../../integrations/oci/failure';

/** What one walk of an image came to. */
export interface WalkOutcome {
  hasUpdate: boolean;
  newestDigestId: string | null;
  bestTag: string | null;
  newDigests: number;
  updatedDigests: number;
  lastCheckedAt: string;
  partial: boolean;
  failure: RegistryFailure | null;
  requests: number;
}

export interface WalkOptions {
  signal?: AbortSignal;
  retryFailed?: boolean;
  requestId?: string;
}
