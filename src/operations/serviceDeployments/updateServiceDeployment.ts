import { visible } from '../../domain/access/principal';
import { changeDetails, differingMembers } from '../../domain/changes';
import { keysOfEnv } from '../../domain/config/compose';
import { inDocumentOrder, invalid } from '../../domain/errors';
import { applyPlacementPatch, auditedPlacement, checkPlacement } from '../../domain/services/placement';
import { saveServiceDeploymentKeys } from '../../store/configKeys';
import { lockPlacement, placementsInTheWay, updatePlacementRow } from '../../store/serviceDeployments';
import { type Handler, single } from '../handler';
import { containerNameTaken, settingsOf, valuesOf } from './settings';
import { toServiceDeployment } from './view';

export const updateServiceDeployment: Handler<'updateServiceDeployment'> = async (request, { tx, principal, audit }) => {
  const { id: serviceId, depId: id } = request.path;
  const row = visible(principal, await lockPlacement(tx, serviceId, id), 'service deployment', id);
  const patch = request.body();
  const issues = checkPlacement(patch);
  if (issues.length > 0) throw invalid(inDocumentOrder(issues, patch));
  request.precondition(row.version, () => toServiceDeployment(row));

  const before = settingsOf(row);
  const after = applyPlacementPatch(before, patch);
  const changed = differingMembers(before, after);
  if (changed.length === 0) return single('deployment', toServiceDeployment(row), row.version);
  if (changed.includes('containerName')) {
    const present = await placementsInTheWay(tx, { serviceId, serverId: row.server_id, containerName: after.containerName });
    const other = present.find((placement) => placement.id !== id);
    if (other) throw containerNameTaken(other);
  }
  const saved = await updatePlacementRow(tx, { ...valuesOf(after), id });
  if (changed.includes('envOverrides')) await saveServiceDeploymentKeys(tx, id, keysOfEnv(after.envOverrides));
  await audit({
    action: 'update',
    resourceType: 'service_deployment',
    resourceId: id,
    resourceName: saved.container_name,
    environmentId: saved.environment_id,
    details: changeDetails(auditedPlacement(before), auditedPlacement(after), changed),
  });
  return single('deployment', toServiceDeployment(saved), saved.version);
};
