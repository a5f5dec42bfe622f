import { assignDropletFirst, noExecutor } from '../../../domain/cloudFoundry/app';
import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { findApp } from '../../../store/cloudFoundry/apps';
import type { V3Handler } from '../handler';

/** Refused: first for a droplet that is missing, which can be helped. */
export const restartApp: V3Handler<'restartApp'> = async (request, { tx, principal }) => {
  const row = seen(principal, await findApp(tx, request.path.guid), 'App');
  requireRight(principal, 'deploy');
  throw row.current_droplet_id === null ? assignDropletFirst() : noExecutor();
};
