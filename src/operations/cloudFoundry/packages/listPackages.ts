import { environmentsInReach } from '../../../domain/access/principal';
import { listPackages as pageOfPackages } from '../../../store/cloudFoundry/packages';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOf } from '../page';
import { toPackage } from './view';

export const listPackages: V3Handler<'listPackages'> = async (request, { db, principal, publicUrl }) => {
  const asked = request.list();
  const { rows, total } = await pageOfPackages(db, asked, environmentsInReach(principal));
  const url = publicUrl();
  const views = rows.map((row) => toPackage(row, url));
  return json(pageOf(url, '/v3/packages', asked, total, views));
};
