import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { unprocessable } from '../../../domain/cloudFoundry/problem';
import { scaleOf, scaleProblems } from '../../../domain/cloudFoundry/process';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { findProcess } from '../../../store/cloudFoundry/processes';
import { json } from '../../handler';
import { startDataFor } from '../droplets/view';
import type { V3Handler } from '../handler';
import { toProcess } from './view';

/** Changes nothing: what would is refused, what would not is as it is wanted already. */
export const scaleProcess: V3Handler<'scaleProcess'> = async (request, { tx, principal, publicUrl }) => {
  const row = seen(principal, await findProcess(tx, request.path.guid), 'Process');
  requireRight(principal, 'deploy');
  const problems = scaleProblems(scaleOf(row.placements.length), request.body());
  if (problems.length > 0) throw unprocessable(...problems);

  const startData = startDataFor(principal);
  const process = toProcess(row, publicUrl(), { startData, embed: false });
  return { ...json(process), location: process.links.self.href };
};
