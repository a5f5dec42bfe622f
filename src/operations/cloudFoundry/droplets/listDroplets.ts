import { environmentsInReach } from '../../../domain/access/principal';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOfDroplets } from './page';

export const listDroplets: V3Handler<'listDroplets'> = async (request, context) => {
  const reach = environmentsInReach(context.principal);
  return json(await pageOfDroplets(context, '/v3/droplets', request.list(), { reach }));
};
