import { seesEnvironment } from '../../../domain/access/principal';
import { resourceNotFound } from '../../../domain/cloudFoundry/problem';
import { isId } from '../../../domain/ids';
import { findService } from '../../../store/services';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOf } from '../page';

export const listAppRoutes: V3Handler<'listAppRoutes'> = async (request, { db, principal, publicUrl }) => {
  const { guid } = request.path;
  const app = isId(guid) ? await findService(db, guid) : undefined;
  if (!app || !seesEnvironment(principal, app.environment_id)) throw resourceNotFound('App');
  return json(pageOf(publicUrl(), `/v3/apps/${guid}/routes`, request.list(), 0, []));
};
