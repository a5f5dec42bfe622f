import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { findAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import { findPackage, lockPackage } from '../../../store/cloudFoundry/packages';
import type { V3Handler } from '../handler';
import { handOver } from '../handOver';

export const deletePackage: V3Handler<'deletePackage'> = async (request, context) => {
  const { tx, principal } = context;
  const found = seen(principal, await findPackage(tx, request.path.guid), 'Package');
  requireRight(principal, 'develop');
  const row = seen(principal, await lockPackage(tx, found.id), 'Package');

  return handOver(context, {
    kind: 'package.delete',
    resourceType: 'package',
    resourceId: row.id,
    resourceName: (await findAppOfDroplets(tx, row.service_id))?.name ?? null,
    environmentId: row.environment_id,
  });
};
