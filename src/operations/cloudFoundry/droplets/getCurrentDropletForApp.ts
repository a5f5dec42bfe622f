import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { dropletWarnings } from '../../../domain/cloudFoundry/droplets/warnings';
import { resourceNotFound } from '../../../domain/cloudFoundry/problem';
import { findAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import { findCurrentDroplet } from '../../../store/cloudFoundry/droplets';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { withWarnings } from '../warnings';
import { startDataFor, toDroplet } from './view';

export const getCurrentDropletForApp: V3Handler<'getCurrentDropletForApp'> = async (request, { db, principal, publicUrl }) => {
  const app = seen(principal, await findAppOfDroplets(db, request.path.guid), 'App');
  const row = await findCurrentDroplet(db, app.id);
  if (!row) throw resourceNotFound('Droplet');
  return withWarnings(json(toDroplet(row, publicUrl(), startDataFor(principal))), dropletWarnings(row));
};
