import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { findPackageOfDroplets } from '../../../store/cloudFoundry/dropletImages';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { pageOfDroplets } from './page';

export const listPackageDroplets: V3Handler<'listPackageDroplets'> = async (request, context) => {
  const asked = request.list();
  const { guid } = request.path;
  const { environment_id } = seen(context.principal, await findPackageOfDroplets(context.db, guid), 'Package');
  const bounds = { reach: [environment_id], filters: { package_guids: [guid] } };
  return json(await pageOfDroplets(context, `/v3/packages/${guid}/droplets`, asked, bounds));
};
