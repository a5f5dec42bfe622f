import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOf } from '../page';

/** Who reaches a service is not decided here. */
export const listRoutes: V3Handler<'listRoutes'> = async (request, { publicUrl }) =>
  json(pageOf(publicUrl(), '/v3/routes', request.list(), 0, []));
