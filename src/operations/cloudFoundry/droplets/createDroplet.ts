import { sees } from '../../../domain/cloudFoundry/droplets/access';
import { unprocessable } from '../../../domain/cloudFoundry/problem';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { findAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import type { V3Handler } from '../handler';
import { copyDroplet } from './copyDroplet';

export const createDroplet: V3Handler<'createDroplet'> = async (request, context) => {
  const { source_guid: sourceGuid } = request.query();
  if (sourceGuid !== undefined) return copyDroplet(request, context, sourceGuid);

  const { tx, principal } = context;
  const { guid } = request.body().relationships.app.data;
  const app = await findAppOfDroplets(tx, guid);
  if (!app || !sees(principal, app.environment_id)) {
    throw unprocessable(`App with guid "${guid}" does not exist, or you do not have access to it`);
  }
  requireRight(principal, 'develop');
  throw unprocessable('Droplets of apps with the lifecycle docker come from builds, or are copied with source_guid');
};
