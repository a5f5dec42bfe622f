import type { ListRequest } from '../../../domain/cloudFoundry/listRequest';
import { listDroplets } from '../../../store/cloudFoundry/droplets';
import type { ReadContext } from '../../handler';
import { pageOf } from '../page';
import { toDroplet } from './view';

/** What a list of droplets is bounded by: environments (undefined = all), and filters that the client did not name. */
interface Bounds {
  reach: readonly string[] | undefined;
  filters?: ListRequest['filters'];
}

/** One page of droplets, as the list under `path` tells it. */
export async function pageOfDroplets(
  { db, publicUrl }: Pick<ReadContext, 'db' | 'publicUrl'>,
  path: string,
  request: ListRequest,
  { reach, filters = {} }: Bounds,
) {
  const bounded = { ...request, filters: { ...request.filters, ...filters } };
  const { rows, total } = await listDroplets(db, bounded, reach);
  const url = publicUrl();
  const droplets = rows.map((row) => toDroplet(row, url, 'hiddenInLists'));
  return pageOf(url, path, request, total, droplets);
}
