import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { findProcess } from '../../../store/cloudFoundry/processes';
import { json } from '../../handler';
import { startDataFor } from '../droplets/view';
import type { V3Handler } from '../handler';
import { toProcess } from './view';

export const getProcess: V3Handler<'getProcess'> = async (request, { db, principal, publicUrl }) => {
  const { embed } = request.query();
  const row = seen(principal, await findProcess(db, request.path.guid), 'Process');
  const startData = startDataFor(principal);
  return json(toProcess(row, publicUrl(), { startData, embed: embed !== undefined }));
};
