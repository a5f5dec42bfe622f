import { visible } from '../../domain/access/principal';
import { deleteVarRow, lockVar } from '../../store/vars';
import { type Handler, noContent } from '../handler';
import { toVar } from './view';

export const deleteVar: Handler<'deleteVar'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockVar(tx, id), 'var', id);
  request.precondition(row.version, () => toVar(row));

  await deleteVarRow(tx, id);
  await audit({
    action: 'delete',
    resourceType: 'var',
    resourceId: id,
    resourceName: row.key,
    environmentId: row.environment_id,
  });
  return noContent();
};
