import { notFound, stateForbids } from '../../domain/errors';
import { isOwnAccount, requireAdministratorLeft } from '../../domain/users/user';
import { deleteUserRow, lockUserAmongAdministrators } from '../../store/users';
import { type Handler, noContent } from '../handler';
import { settingsOf, toUser } from './view';

export const deleteUser: Handler<'deleteUser'> = async (request, { tx, principal, audit, credentialsChanged }) => {
  const { id } = request.path;
  const { user: row, otherAdministrators } = await lockUserAmongAdministrators(tx, id);
  if (!row) throw notFound('user', id);
  request.precondition(row.version, () => toUser(row));
  if (isOwnAccount(principal, id)) {
    throw stateForbids('Nobody deletes their own account.', { state: 'own_account' }, 'Another administrator can delete it.');
  }
  requireAdministratorLeft(settingsOf(row), null, otherAdministrators);

  await deleteUserRow(tx, id);
  credentialsChanged();
  await audit({ action: 'delete', resourceType: 'user', resourceId: id, resourceName: row.email });
  return noContent();
};
