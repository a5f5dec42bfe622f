import { currentDropletStays } from '../../domain/cloudFoundry/deletion';
import { deleteDropletRow, lockDropletToDelete } from '../../store/cloudFoundry/deletions';
import type { Deleter } from './deleter';

/** A droplet goes, unless it became the current one of its app. */
export const deleteDroplet: Deleter = async (tx, { resourceId }) => {
  const row = await lockDropletToDelete(tx, resourceId);
  if (!row) return false;
  if (row.is_current) throw currentDropletStays(row.service_id);
  await deleteDropletRow(tx, resourceId);
  return true;
};
