import type { NewEvent } from './event';

/** The events of this release, as the contract describes their data. */

/** An operation as its row has it. */
interface ToldOperation {
  id: string;
  kind: string;
  state: string;
  resource_type: string | null;
  resource_id: string | null;
  environment_id: string | null;
  progress_done: number;
  progress_total: number | null;
  cancel_requested: boolean;
  updated_at: string;
}

/** How far an operation is; for each change of its state, and of its progress. */
export function operationEvent(row: ToldOperation): NewEvent {
  const { resource_type: type, resource_id: id, progress_total: total } = row;
  return {
    type: 'operation',
    environmentId: row.environment_id,
    resourceType: type,
    data: {
      operationId: row.id,
      kind: row.kind,
      state: row.state,
      resource: type !== null && id !== null ? { type, id } : null,
      progress: total === null ? null : { done: row.progress_done, total },
      cancelRequested: row.cancel_requested,
      updatedAt: row.updated_at,
    },
  };
}

interface ToldImage {
  environmentId: string;
  containerImageId: string;
  imageName: string;
  latestTag: string | null;
  /** The manifest digest of the newest. */
  latestDigest: string | null;
  updateAvailable: boolean;
}

/** What is newest of an image, or whether something older is deployed, changed. */
export const imageUpdateEvent = ({ environmentId, ...data }: ToldImage): NewEvent => ({
  type: 'image_update',
  environmentId,
  resourceType: 'container_image',
  data,
});

interface ToldRefresh {
  environmentId: string;
  registryId: string;
  status: 'ok' | 'partial' | 'failed';
  refreshedAt: string;
  /** Shape of `lastRefreshError`. */
  error: object | null;
}

/** A refresh of a registry connection ended. */
export const registryRefreshEvent = ({ environmentId, ...data }: ToldRefresh): NewEvent => ({
  type: 'registry_refresh',
  environmentId,
  resourceType: 'registry',
  data,
});
