import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { resourceNotFound } from '../../../domain/cloudFoundry/problem';
import { findAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toCurrentDroplet } from './view';

export const getCurrentDropletAssociationForApp: V3Handler<'getCurrentDropletAssociationForApp'> = async (
  request,
  { db, principal, publicUrl },
) => {
  const app = seen(principal, await findAppOfDroplets(db, request.path.guid), 'App');
  if (app.current_droplet_id === null) throw resourceNotFound('Droplet');
  return json(toCurrentDroplet(app.id, app.current_droplet_id, publicUrl()));
};
