import { currentDropletStays } from '../../../domain/cloudFoundry/deletion';
import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { requireNoDeployment } from '../../../domain/cloudFoundry/droplets/current';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { hasActiveDeployment } from '../../../store/cloudFoundry/currentDroplets';
import { findDroplet, lockDroplet } from '../../../store/cloudFoundry/droplets';
import type { V3Handler } from '../handler';
import { handOver } from '../handOver';

export const deleteDroplet: V3Handler<'deleteDroplet'> = async (request, context) => {
  const { tx, principal } = context;
  const found = seen(principal, await findDroplet(tx, request.path.guid), 'Droplet');
  requireRight(principal, 'develop');
  const droplet = seen(principal, await lockDroplet(tx, found.id, false), 'Droplet');
  if (droplet.is_current) throw currentDropletStays(droplet.service_id);
  requireNoDeployment(await hasActiveDeployment(tx, droplet.service_id, droplet.id));

  return handOver(context, {
    kind: 'droplet.delete',
    resourceType: 'droplet',
    resourceId: droplet.id,
    resourceName: droplet.app_name,
    environmentId: droplet.environment_id,
  });
};
