import { hashPassword, verifyPassword } from '../../auth/passwords';
import { invalid, notFound, Problem } from '../../domain/errors';
import { isOwnAccount } from '../../domain/users/user';
import { deleteOtherLogins } from '../../store/credentials';
import { lockUser, updateUserRow } from '../../store/users';
import { type Handler, single } from '../handler';
import { settingsOf, toUser } from './view';

export const changeUserPassword: Handler<'changeUserPassword'> = async (request, context) => {
  const { tx, principal, audit, credentialsChanged } = context;
  const { id } = request.path;
  const row = await lockUser(tx, id);
  if (!row) throw notFound('user', id);
  const { newPassword, currentPassword } = request.body();
  if (currentPassword === undefined && isOwnAccount(principal, id)) {
    const message = 'The present password is needed to change the own one.';
    throw invalid([{ in: 'body', field: 'currentPassword', code: 'required', message, hint: 'Send currentPassword too.' }]);
  }
  request.precondition(row.version, () => toUser(row));
  if (currentPassword !== undefined && !(await verifyPassword(row.password_hash, currentPassword))) {
    throw new Problem('unauthorized', {
      message: 'The present password is another one.',
      field: 'currentPassword',
      hint: 'An administrator can set a new one without it.',
    });
  }

  const saved = await updateUserRow(tx, { ...settingsOf(row), id, password_hash: await hashPassword(newPassword) });
  const { credential } = principal;
  const revokedLogins = await deleteOtherLogins(tx, id, credential.kind === 'login' ? credential.id : null);
  credentialsChanged();
  await audit({
    action: 'change_password',
    resourceType: 'user',
    resourceId: id,
    resourceName: row.email,
    details: { changed: ['password'], revokedLogins },
  });
  return single('user', toUser(saved), saved.version, { revokedLogins });
};
