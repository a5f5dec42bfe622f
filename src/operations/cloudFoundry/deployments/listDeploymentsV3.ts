import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOf } from '../page';

/** Without an executor nothing is rolled out. */
export const listDeploymentsV3: V3Handler<'listDeploymentsV3'> = async (request, { publicUrl }) =>
  json(pageOf(publicUrl(), '/v3/deployments', request.list(), 0, []));
