import { visible } from '../../domain/access/principal';
import { changeDetails, differingMembers } from '../../domain/changes';
import { invalid } from '../../domain/errors';
import { valueIssues } from '../../domain/values/value';
import { applyVarPatch, auditedVar } from '../../domain/values/var';
import { lockVar, updateVarRow } from '../../store/vars';
import { type Handler, single } from '../handler';
import { toVar } from './view';

export const updateVar: Handler<'updateVar'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockVar(tx, id), 'var', id);
  const patch = request.body();
  const issues = valueIssues(patch.value);
  if (issues.length > 0) throw invalid(issues);
  const before = { value: row.value, description: row.description };
  const after = applyVarPatch(before, patch);
  request.precondition(row.version, () => toVar(row));

  const changed = differingMembers(before, after);
  if (changed.length === 0) return single('var', toVar(row), row.version);
  const saved = await updateVarRow(tx, { id, ...after });
  await audit({
    action: 'update',
    resourceType: 'var',
    resourceId: id,
    resourceName: saved.key,
    environmentId: saved.environment_id,
    details: changeDetails(auditedVar(before), auditedVar(after), changed),
  });
  return single('var', toVar(saved), saved.version);
};
