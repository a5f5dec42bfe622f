import { notFound } from '../../domain/errors';
import { findServiceAccount } from '../../store/serviceAccounts';
import { type Handler, single } from '../handler';
import { toServiceAccount } from './view';

export const getServiceAccount: Handler<'getServiceAccount'> = async ({ path }, { db }) => {
  const row = await findServiceAccount(db, path.id);
  if (!row) throw notFound('service account', path.id);
  return single('serviceAccount', toServiceAccount(row), row.version);
};
