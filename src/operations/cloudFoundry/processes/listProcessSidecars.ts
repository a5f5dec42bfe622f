import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { findProcess } from '../../../store/cloudFoundry/processes';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOf } from '../page';

/** Services have no sidecars; clients ask all the same. */
export const listProcessSidecars: V3Handler<'listProcessSidecars'> = async (request, { db, principal, publicUrl }) => {
  const asked = request.list();
  const row = seen(principal, await findProcess(db, request.path.guid), 'Process');
  return json(pageOf(publicUrl(), `/v3/processes/${row.id}/sidecars`, asked, 0, []));
};
