import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { startDeletion } from '../../../jobs/deletions/startDeletion';
import { findAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import { findPackage, lockPackage } from '../../../store/cloudFoundry/packages';
import type { V3Handler } from '../handler';

export const deletePackage: V3Handler<'deletePackage'> = async (request, { tx, principal, requestId, publicUrl }) => {
  const found = seen(principal, await findPackage(tx, request.path.guid), 'Package');
  requireRight(principal, 'develop');
  const row = seen(principal, await lockPackage(tx, found.id), 'Package');

  const job = await startDeletion(tx, {
    kind: 'package.delete',
    resourceType: 'package',
    resourceId: row.id,
    resourceName: (await findAppOfDroplets(tx, row.service_id))?.name ?? null,
    environmentId: row.environment_id,
    principal,
    requestId,
  });
  return { location: `${publicUrl()}/v3/jobs/${job}` };
};
