import { visible } from '../../domain/access/principal';
import { inUse } from '../../domain/errors';
import { deleteConfigFragmentRow, filesOfFragment, lockConfigFragment } from '../../store/configFragments';
import { type Handler, noContent } from '../handler';
import { toConfigFragment } from './view';

export const deleteConfigFragment: Handler<'deleteConfigFragment'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockConfigFragment(tx, id), 'config fragment', id);
  request.precondition(row.version, () => toConfigFragment(row));

  const users = await filesOfFragment(tx, id);
  if (users.length > 0) {
    const references = users.map(({ type, id: fileId, name }) => ({ type, id: fileId, name }));
    const hint = 'Take it out of the fragmentIds of these files, or delete them.';
    throw inUse('Config files are made of this fragment.', references, users[0]?.total ?? 0, hint);
  }
  await deleteConfigFragmentRow(tx, id);
  await audit({
    action: 'delete',
    resourceType: 'config_fragment',
    resourceId: id,
    resourceName: row.name,
    environmentId: row.environment_id,
  });
  return noContent();
};
