import { requireMayDownload, seen } from '../../../domain/cloudFoundry/droplets/access';
import { unprocessable } from '../../../domain/cloudFoundry/problem';
import { findDroplet } from '../../../store/cloudFoundry/droplets';
import type { V3Handler } from '../handler';

export const downloadDroplet: V3Handler<'downloadDroplet'> = async (request, { db, principal }) => {
  seen(principal, await findDroplet(db, request.path.guid), 'Droplet');
  requireMayDownload(principal);
  throw unprocessable('A droplet with the lifecycle docker cannot be downloaded; pull its image from the registry');
};
