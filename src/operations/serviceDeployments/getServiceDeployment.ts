import { visible } from '../../domain/access/principal';
import { findPlacement } from '../../store/serviceDeployments';
import { type Handler, single } from '../handler';
import { toServiceDeployment } from './view';

export const getServiceDeployment: Handler<'getServiceDeployment'> = async ({ path }, { db, principal }) => {
  const placement = visible(principal, await findPlacement(db, path.id, path.depId), 'service deployment', path.depId);
  return single('deployment', toServiceDeployment(placement), placement.version);
};
