import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { findDroplet } from '../../../store/cloudFoundry/droplets';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { startDataFor, toDroplet } from './view';

export const getDroplet: V3Handler<'getDroplet'> = async (request, { db, principal, publicUrl }) => {
  const row = seen(principal, await findDroplet(db, request.path.guid), 'Droplet');
  return json(toDroplet(row, publicUrl(), startDataFor(principal)));
};
