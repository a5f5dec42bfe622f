import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { findAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import { listPackages } from '../../../store/cloudFoundry/packages';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOf } from '../page';
import { toPackage } from './view';

export const listAppPackages: V3Handler<'listAppPackages'> = async (request, { db, principal, publicUrl }) => {
  const asked = request.list();
  const app = seen(principal, await findAppOfDroplets(db, request.path.guid), 'App');
  const bounded = { ...asked, filters: { ...asked.filters, app_guids: [app.id] } };
  const { rows, total } = await listPackages(db, bounded, [app.environment_id]);
  const url = publicUrl();
  const views = rows.map((row) => toPackage(row, url));
  return json(pageOf(url, `/v3/apps/${app.id}/packages`, asked, total, views));
};
