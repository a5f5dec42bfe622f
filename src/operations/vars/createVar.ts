import { uuidv7 } from 'uuidv7';
import { requireEnvironmentInReach } from '../../domain/access/principal';
import { invalid } from '../../domain/errors';
import { valueIssues } from '../../domain/values/value';
import { applyVarPatch, auditedVar } from '../../domain/values/var';
import { requireEnvironment } from '../../store/environments';
import { insertVar } from '../../store/vars';
import { created, type Handler } from '../handler';
import { requireFreeKey } from './requireFreeKey';
import { toVar } from './view';

export const createVar: Handler<'createVar'> = async (request, { tx, principal, audit }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  await requireEnvironment(tx, envId);
  const body = request.body();
  const issues = valueIssues(body.value);
  if (issues.length > 0) throw invalid(issues);
  await requireFreeKey(tx, principal, envId, body.key);

  const settings = applyVarPatch({ value: body.value, description: null }, body);
  const row = await insertVar(tx, { id: uuidv7(), environment_id: envId, key: body.key, ...settings });
  await audit({
    action: 'create',
    resourceType: 'var',
    resourceId: row.id,
    resourceName: row.key,
    environmentId: envId,
    details: { changed: Object.keys(body), after: auditedVar(settings) },
  });
  return created(`/api/vars/${row.id}`, 'var', toVar(row), row.version);
};
