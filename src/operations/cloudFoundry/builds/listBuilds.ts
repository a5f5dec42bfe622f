import { environmentsInReach } from '../../../domain/access/principal';
import { listBuilds as pageOfBuilds } from '../../../store/cloudFoundry/builds';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOf } from '../page';
import { toBuild } from './view';

export const listBuilds: V3Handler<'listBuilds'> = async (request, { db, principal, publicUrl }) => {
  const asked = request.list();
  const { rows, total } = await pageOfBuilds(db, asked, environmentsInReach(principal));
  const url = publicUrl();
  const views = rows.map((row) => toBuild(row, url));
  return json(pageOf(url, '/v3/builds', asked, total, views));
};
