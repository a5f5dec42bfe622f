import { unprocessable } from '../../domain/cloudFoundry/problem';
import { operationHolds } from '../../domain/services/service';
import { activeOperationOf, deleteServiceRow, lockService } from '../../store/services';
import { recomputeImage } from '../images/recompute';
import type { Deleter } from './deleter';

/** An app goes with its droplets, packages, builds, labels and placements. */
export const deleteApp: Deleter = async (tx, { operationId, resourceId }) => {
  const row = await lockService(tx, resourceId);
  if (!row) return false;
  const active = await activeOperationOf(tx, resourceId, operationId);
  if (active) throw unprocessable(operationHolds(active));
  await deleteServiceRow(tx, resourceId);
  if (row.container_image_id !== null) await recomputeImage(tx, row.container_image_id);
  return true;
};
