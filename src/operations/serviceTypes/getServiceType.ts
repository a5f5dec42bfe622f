import { notFound } from '../../domain/errors';
import { findServiceType } from '../../store/serviceTypes';
import { type Handler, single } from '../handler';
import { toServiceType } from './view';

export const getServiceType: Handler<'getServiceType'> = async ({ path }, { db }) => {
  const row = await findServiceType(db, path.id);
  if (!row) throw notFound('service type', path.id);
  return single('serviceType', toServiceType(row), row.version);
};
