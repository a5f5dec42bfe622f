import { changeDetails, differingMembers } from '../../domain/changes';
import { notFound } from '../../domain/errors';
import { applyUserPatch, requireAdministratorLeft, requireMayChangeUser } from '../../domain/users/user';
import { lockUserAmongAdministrators, updateUserRow } from '../../store/users';
import { type Handler, single } from '../handler';
import { settingsOf, toUser } from './view';

export const updateUser: Handler<'updateUser'> = async (request, { tx, principal, audit, credentialsChanged }) => {
  const { id } = request.path;
  const { user: row, otherAdministrators } = await lockUserAmongAdministrators(tx, id);
  if (!row) throw notFound('user', id);
  const before = settingsOf(row);
  const after = applyUserPatch(before, request.body());
  const changed = differingMembers(before, after);
  requireMayChangeUser(principal, changed);
  request.precondition(row.version, () => toUser(row));
  if (changed.length === 0) return single('user', toUser(row), row.version);
  requireAdministratorLeft(before, after, otherAdministrators);

  const saved = await updateUserRow(tx, { ...after, id, password_hash: row.password_hash });
  credentialsChanged();
  await audit({
    action: 'update',
    resourceType: 'user',
    resourceId: id,
    resourceName: row.email,
    details: changeDetails(before, after, changed),
  });
  return single('user', toUser(saved), saved.version);
};
