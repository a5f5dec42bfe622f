import { environmentsInReach } from '../../../domain/access/principal';
import { listApps as appsIn } from '../../../store/cloudFoundry/apps';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOf } from '../page';
import { includedOf } from './included';
import { toApp } from './view';

export const listApps: V3Handler<'listApps'> = async (request, context) => {
  const asked = request.list();
  const { rows, total } = await appsIn(context.db, asked, environmentsInReach(context.principal));
  const url = context.publicUrl();
  const apps = rows.map((row) => toApp(row, url));
  const included = await includedOf(context, asked.filters.include, rows);
  return json(pageOf(url, '/v3/apps', asked, total, apps, included));
};
