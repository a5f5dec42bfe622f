import { visible } from '../../domain/access/principal';
import { deleteSecretRow, lockSecret } from '../../store/secrets';
import { type Handler, noContent } from '../handler';
import { toSecret } from './view';

export const deleteSecret: Handler<'deleteSecret'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockSecret(tx, id), 'secret', id);
  request.precondition(row.version, () => toSecret(row));

  await deleteSecretRow(tx, id);
  await audit({
    action: 'delete',
    resourceType: 'secret',
    resourceId: id,
    resourceName: row.key,
    environmentId: row.environment_id,
  });
  return noContent();
};
