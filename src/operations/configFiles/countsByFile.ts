import { type SyncCounts, syncCountsOf, type TargetStatus } from '../../domain/config/syncStatus';
import type { Db } from '../../store/database';
import { type FileTarget, statusesOf } from '../../store/fileTargets';
import type { Keyring } from '../../store/sealing';

/** How many targets of each file have which status; a file without targets is not in it. */
export async function countsByFile(
  db: Db,
  keyring: Keyring,
  environmentId: string,
  targets: readonly FileTarget[],
): Promise<Map<string, SyncCounts>> {
  const statuses = new Map<string, TargetStatus[]>();
  for (const { config_file_id: fileId, status } of await statusesOf(db, keyring, environmentId, targets)) {
    const ofFile = statuses.get(fileId);
    if (ofFile) ofFile.push(status);
    else statuses.set(fileId, [status]);
  }
  return new Map([...statuses].map(([fileId, ofFile]) => [fileId, syncCountsOf(ofFile)]));
}
