import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { findApp } from '../../../store/cloudFoundry/apps';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toApp } from './view';

export const getApp: V3Handler<'getApp'> = async (request, { db, principal, publicUrl }) => {
  const row = seen(principal, await findApp(db, request.path.guid), 'App');
  return json(toApp(row, publicUrl()));
};
