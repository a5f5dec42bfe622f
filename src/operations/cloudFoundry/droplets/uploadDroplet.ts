import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { unprocessable } from '../../../domain/cloudFoundry/problem';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { findDroplet } from '../../../store/cloudFoundry/droplets';
import type { V3Handler } from '../handler';

export const uploadDroplet: V3Handler<'uploadDroplet'> = async (request, { tx, principal }) => {
  seen(principal, await findDroplet(tx, request.path.guid), 'Droplet');
  requireRight(principal, 'develop');
  throw unprocessable('The droplet takes no upload: its lifecycle is docker, and its image comes from a registry');
};
