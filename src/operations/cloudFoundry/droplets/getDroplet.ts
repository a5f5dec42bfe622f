import { seesEnvironment } from '../../../domain/access/principal';
import { resourceNotFound } from '../../../domain/cloudFoundry/problem';
import { seesStartData } from '../../../domain/cloudFoundry/rights';
import { findDroplet } from '../../../store/cloudFoundry/droplets';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toDroplet } from './view';

export const getDroplet: V3Handler<'getDroplet'> = async (request, { db, principal, publicUrl }) => {
  const row = await findDroplet(db, request.path.guid);
  if (!row || !seesEnvironment(principal, row.environment_id)) throw resourceNotFound('Droplet');

  return json(toDroplet(row, publicUrl(), seesStartData(principal) ? 'shown' : 'hidden'));
};
