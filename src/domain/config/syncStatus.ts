/** Whether one target has what would be delivered to it now. */
export type TargetStatus = 'synced' | 'pending' | 'never';
export type SyncStatus = TargetStatus | 'not_attached';

/** Targets by status; a target is a placement with an attachment that is in effect on it. */
export interface SyncCounts {
  synced: number;
  pending: number;
  never: number;
  total: number;
}

/**
 * The status of a target by checksums: of what was delivered to it (null: nothing), and of the file as it would be rendered
 * now (null: it cannot be, so what was delivered is not what should be there).
 */
export function targetStatusOf(delivered: string | null, rendered: string | null): TargetStatus {
  if (delivered === null) return 'never';
  return delivered === rendered ? 'synced' : 'pending';
}

export function syncCountsOf(statuses: Iterable<TargetStatus>): SyncCounts {
  const counts = { synced: 0, pending: 0, never: 0, total: 0 };
  for (const status of statuses) {
    counts[status] += 1;
    counts.total += 1;
  }
  return counts;
}

/**
 * One status for all targets of a file or an attachment: `synced` when all have what they should, `never` when nothing was
 * delivered anywhere (also without a placement to deliver to), else `pending`.
 */
export function syncStatusOf(counts: SyncCounts, isAttached = true): SyncStatus {
  if (!isAttached) return 'not_attached';
  if (counts.never === counts.total) return 'never';
  return counts.synced === counts.total ? 'synced' : 'pending';
}
