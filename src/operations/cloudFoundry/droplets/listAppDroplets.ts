import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { findAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOfDroplets } from './page';

export const listAppDroplets: V3Handler<'listAppDroplets'> = async (request, context) => {
  const asked = request.list();
  const app = seen(context.principal, await findAppOfDroplets(context.db, request.path.guid), 'App');
  const bounds = { reach: [app.environment_id], filters: { app_guids: [app.id] } };
  return json(await pageOfDroplets(context, `/v3/apps/${app.id}/droplets`, asked, bounds));
};
