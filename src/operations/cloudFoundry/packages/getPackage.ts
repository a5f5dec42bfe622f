import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { findPackage } from '../../../store/cloudFoundry/packages';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toPackage } from './view';

export const getPackage: V3Handler<'getPackage'> = async (request, { db, principal, publicUrl }) => {
  const row = seen(principal, await findPackage(db, request.path.guid), 'Package');
  return json(toPackage(row, publicUrl()));
};
