import { visible } from '../../domain/access/principal';
import { changeDetails, differingMembers } from '../../domain/changes';
import { inDocumentOrder, invalid } from '../../domain/errors';
import { applyServerPatch, checkServer } from '../../domain/servers/server';
import { lockServer, updateServerRow } from '../../store/servers';
import { type Handler, single } from '../handler';
import { requireFreeName } from './requireFreeName';
import { settingsOf, valuesOf } from './settings';
import { toServer } from './view';

export const updateServer: Handler<'updateServer'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockServer(tx, id), 'server', id);
  const patch = request.body();
  const before = settingsOf(row);
  const after = applyServerPatch(before, patch);
  const issues = checkServer(after, patch);
  if (issues.length > 0) throw invalid(inDocumentOrder(issues, patch));
  request.precondition(row.version, () => toServer(row));

  const changed = differingMembers(before, after);
  if (changed.length === 0) return single('server', toServer(row), row.version);
  if (changed.includes('name')) await requireFreeName(tx, principal, row.environment_id, after.name);
  const saved = await updateServerRow(tx, { ...valuesOf(after), id });
  await audit({
    action: 'update',
    resourceType: 'server',
    resourceId: id,
    resourceName: saved.name,
    environmentId: saved.environment_id,
    details: changeDetails(before, after, changed),
  });
  return single('server', toServer(saved), saved.version);
};
