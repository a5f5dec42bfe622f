import { environmentsInReach } from '../../../domain/access/principal';
import { listApps as appsIn } from '../../../store/cloudFoundry/apps';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOf } from '../page';
import { toApp } from './view';

export const listApps: V3Handler<'listApps'> = async (request, { db, principal, publicUrl }) => {
  const asked = request.list();
  const { rows, total } = await appsIn(db, asked, environmentsInReach(principal));
  const url = publicUrl();
  const apps = rows.map((row) => toApp(row, url));
  return json(pageOf(url, '/v3/apps', asked, total, apps));
};
