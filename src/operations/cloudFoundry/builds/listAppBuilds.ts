import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { listBuilds } from '../../../store/cloudFoundry/builds';
import { findAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOf } from '../page';
import { toBuild } from './view';

export const listAppBuilds: V3Handler<'listAppBuilds'> = async (request, { db, principal, publicUrl }) => {
  const asked = request.list();
  const app = seen(principal, await findAppOfDroplets(db, request.path.guid), 'App');
  const bounded = { ...asked, filters: { ...asked.filters, app_guids: [app.id] } };
  const { rows, total } = await listBuilds(db, bounded, [app.environment_id]);
  const url = publicUrl();
  const views = rows.map((row) => toBuild(row, url));
  return json(pageOf(url, `/v3/apps/${app.id}/builds`, asked, total, views));
};
