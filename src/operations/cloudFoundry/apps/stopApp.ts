import { noExecutor } from '../../../domain/cloudFoundry/app';
import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { findApp } from '../../../store/cloudFoundry/apps';
import type { V3Handler } from '../handler';

/** Refused. */
export const stopApp: V3Handler<'stopApp'> = async (request, { tx, principal }) => {
  seen(principal, await findApp(tx, request.path.guid), 'App');
  requireRight(principal, 'deploy');
  throw noExecutor();
};
