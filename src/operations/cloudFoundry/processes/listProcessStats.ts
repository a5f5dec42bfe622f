import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { findProcess } from '../../../store/cloudFoundry/processes';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toStats } from './view';

export const listProcessStats: V3Handler<'listProcessStats'> = async (request, { db, principal, now }) => {
  const row = seen(principal, await findProcess(db, request.path.guid), 'Process');
  return json({ resources: toStats(row, now()) });
};
