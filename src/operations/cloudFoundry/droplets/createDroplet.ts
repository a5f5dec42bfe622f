import { named } from '../../../domain/cloudFoundry/named';
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
  named(principal, await findAppOfDroplets(tx, guid), 'App', guid);
  requireRight(principal, 'develop');
  throw unprocessable('Droplets of apps with the lifecycle docker come from builds, or are copied with source_guid');
};
