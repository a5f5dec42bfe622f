import { changeDetails, differingMembers } from '../../domain/changes';
import { notFound } from '../../domain/errors';
import { applyServiceAccountPatch } from '../../domain/serviceAccounts/serviceAccount';
import { lockServiceAccount, updateServiceAccountRow } from '../../store/serviceAccounts';
import { type Handler, single } from '../handler';
import { settingsOf, toServiceAccount } from './view';

export const updateServiceAccount: Handler<'updateServiceAccount'> = async (request, { tx, audit, credentialsChanged }) => {
  const { id } = request.path;
  const row = await lockServiceAccount(tx, id);
  if (!row) throw notFound('service account', id);
  const before = settingsOf(row);
  const after = applyServiceAccountPatch(before, request.body());
  request.precondition(row.version, () => toServiceAccount(row));
  const changed = differingMembers(before, after);
  if (changed.length === 0) return single('serviceAccount', toServiceAccount(row), row.version);

  const saved = await updateServiceAccountRow(tx, { ...after, id });
  credentialsChanged();
  await audit({
    action: 'update',
    resourceType: 'service_account',
    resourceId: id,
    resourceName: row.name,
    details: changeDetails(before, after, changed),
  });
  return single('serviceAccount', toServiceAccount(saved), saved.version);
};
