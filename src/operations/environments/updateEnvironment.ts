import { visibleEnvironment } from '../../domain/access/principal';
import { changeDetails, differingMembers } from '../../domain/changes';
import { applyEnvironmentPatch, protectedEnvironment } from '../../domain/environments/environment';
import { lockEnvironment, updateEnvironmentRow } from '../../store/environments';
import { type Handler, single } from '../handler';
import { requireFreeName } from './requireFreeName';
import { toEnvironment } from './view';

export const updateEnvironment: Handler<'updateEnvironment'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  const row = visibleEnvironment(principal, await lockEnvironment(tx, id), id);
  const before = { name: row.name, displayName: row.display_name };
  const after = applyEnvironmentPatch(before, request.body());
  request.precondition(row.version, () => toEnvironment(row));

  const changed = differingMembers(before, after);
  if (changed.length === 0) return single('environment', toEnvironment(row), row.version);
  if (changed.includes('name')) {
    if (row.protected) throw protectedEnvironment(row.name, 'renamed');
    await requireFreeName(tx, principal, after.name);
  }
  const saved = await updateEnvironmentRow(tx, { id, ...after });
  await audit({
    action: 'update',
    resourceType: 'environment',
    resourceId: id,
    resourceName: saved.name,
    environmentId: id,
    details: changeDetails(before, after, changed),
  });
  return single('environment', toEnvironment(saved), saved.version);
};
