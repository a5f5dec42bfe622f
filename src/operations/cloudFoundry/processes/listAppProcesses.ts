import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { findApp } from '../../../store/cloudFoundry/apps';
import { listProcessesOfApp } from '../../../store/cloudFoundry/processes';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOf } from '../page';
import { toProcess } from './view';

export const listAppProcesses: V3Handler<'listAppProcesses'> = async (request, { db, principal, publicUrl }) => {
  const asked = request.list();
  const app = seen(principal, await findApp(db, request.path.guid), 'App');
  const { rows, total } = await listProcessesOfApp(db, asked, app.id);
  const [url, embed] = [publicUrl(), asked.filters.embed !== undefined];
  const processes = rows.map((row) => toProcess(row, url, { startData: 'hiddenInLists', embed }));
  return json(pageOf(url, `/v3/apps/${app.id}/processes`, asked, total, processes));
};
