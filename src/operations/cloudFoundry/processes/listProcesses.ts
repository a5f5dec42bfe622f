import { environmentsInReach } from '../../../domain/access/principal';
import { listProcesses as processesIn } from '../../../store/cloudFoundry/processes';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOf } from '../page';
import { toProcess } from './view';

export const listProcesses: V3Handler<'listProcesses'> = async (request, { db, principal, publicUrl }) => {
  const asked = request.list();
  const { rows, total } = await processesIn(db, asked, environmentsInReach(principal));
  const [url, embed] = [publicUrl(), asked.filters.embed !== undefined];
  const processes = rows.map((row) => toProcess(row, url, { startData: 'hiddenInLists', embed }));
  return json(pageOf(url, '/v3/processes', asked, total, processes));
};
