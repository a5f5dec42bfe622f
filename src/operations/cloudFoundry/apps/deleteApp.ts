import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { unprocessable } from '../../../domain/cloudFoundry/problem';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { operationHolds } from '../../../domain/services/service';
import { findApp, lockApp } from '../../../store/cloudFoundry/apps';
import { activeOperationOf } from '../../../store/services';
import type { V3Handler } from '../handler';
import { handOver } from '../handOver';

const kind = 'app.delete';

export const deleteApp: V3Handler<'deleteApp'> = async (request, context) => {
  const { tx, principal } = context;
  const found = seen(principal, await findApp(tx, request.path.guid), 'App');
  requireRight(principal, 'apps');
  const row = seen(principal, await lockApp(tx, found.id), 'App');
  const active = await activeOperationOf(tx, row.id);
  if (active && active.kind !== kind) throw unprocessable(operationHolds(active));

  return handOver(context, {
    kind,
    resourceType: 'service',
    resourceId: row.id,
    resourceName: row.name,
    environmentId: row.environment_id,
  });
};
