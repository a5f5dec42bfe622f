import { deletePackageRow } from '../../store/cloudFoundry/deletions';
import type { Deleter } from './deleter';

/** A package goes; what was built from it stays. */
export const deletePackage: Deleter = (tx, { resourceId }) => deletePackageRow(tx, resourceId);
