import type { RegistryFailure } from '../../integrations/oci/failure';
import type { CheckError } from '../../store/imageWalks';
import type { WalkParts } from '../images/walk';

/** What refreshes are made with; times are for tests. */
export interface RefreshParts extends WalkParts {
  /** The worker ends: nothing new is begun, and what runs is cut off. */
  stopping: AbortSignal;
  /** A refresh of a process that died can be taken over after it. */
  refreshLeaseMs?: number;
  /** Images of one connection at a time. */
  imagesAtATime?: number;
  onRefreshed?(status: 'ok' | 'partial' | 'failed'): void;
}

/** The operation that users ask for with checkRegistryUpdates. */
export const checkUpdatesKind = 'registry.checkUpdates';

/** How one image came off. */
export interface ImageResult {
  imageId: string;
  name: string;
  hasUpdate: boolean;
  bestTag: string | null;
  error: CheckError | null;
  /** It could not be read at all. */
  failed: boolean;
  partial: boolean;
}

/** How all images of a connection came off. */
export interface Round {
  /** `X-Request-Id` of all that was asked. */
  requestId: string;
  results: ImageResult[];
  /** Why the rest was not asked for. */
  connectionFailure: RegistryFailure | null;
  requests: number;
}
