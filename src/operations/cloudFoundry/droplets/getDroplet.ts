import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { dropletWarnings } from '../../../domain/cloudFoundry/droplets/warnings';
import { findDroplet } from '../../../store/cloudFoundry/droplets';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { withWarnings } from '../warnings';
import { startDataFor, toDroplet } from './view';

export const getDroplet: V3Handler<'getDroplet'> = async (request, { db, principal, publicUrl }) => {
  const row = seen(principal, await findDroplet(db, request.path.guid), 'Droplet');
  return withWarnings(json(toDroplet(row, publicUrl(), startDataFor(principal))), dropletWarnings(row));
};
