import { notFound } from '../../domain/errors';
import { deleteServiceAccountRow, lockServiceAccount } from '../../store/serviceAccounts';
import { type Handler, noContent } from '../handler';
import { toServiceAccount } from './view';

export const deleteServiceAccount: Handler<'deleteServiceAccount'> = async (request, { tx, audit, credentialsChanged }) => {
  const { id } = request.path;
  const row = await lockServiceAccount(tx, id);
  if (!row) throw notFound('service account', id);
  request.precondition(row.version, () => toServiceAccount(row));

  await deleteServiceAccountRow(tx, id);
  credentialsChanged();
  await audit({ action: 'delete', resourceType: 'service_account', resourceId: id, resourceName: row.name });
  return noContent();
};
