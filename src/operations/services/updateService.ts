import { visible } from '../../domain/access/principal';
import { changeDetails, differingMembers } from '../../domain/changes';
import { keysOfService } from '../../domain/config/compose';
import { alreadyTaken, inDocumentOrder, invalid } from '../../domain/errors';
import { applyServicePatch, auditedSettings, checkService } from '../../domain/services/service';
import { saveServiceKeys } from '../../store/configKeys';
import { findService, findServiceByName, lockService, updateServiceRow } from '../../store/services';
import { type Handler, single } from '../handler';
import { recomputeImages } from './recomputeImages';
import { namedObjectIssues, settingsOf, valuesOf } from './settings';
import { toService } from './view';

export const updateService: Handler<'updateService'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockService(tx, id), 'service', id);
  const patch = request.body();
  const issues = [...checkService(patch), ...(await namedObjectIssues(tx, principal, patch, row.environment_id))];
  if (issues.length > 0) throw invalid(inDocumentOrder(issues, patch));
  request.precondition(row.version, () => toService(row, row.connections));

  const before = settingsOf(row);
  const after = applyServicePatch(before, patch);
  const changed = differingMembers(before, after);
  if (changed.length === 0) return single('service', toService(row, row.connections), row.version);
  if (changed.includes('name')) {
    const taken = await findServiceByName(tx, row.environment_id, after.name);
    if (taken) {
      const message = `This environment already has a service named "${after.name}".`;
      throw alreadyTaken('name', message, { type: 'service', id: taken.id });
    }
  }
  let saved = await updateServiceRow(tx, { ...valuesOf(after), id });
  if (changed.includes('baseEnv') || changed.includes('composeTemplate'))
    await saveServiceKeys(tx, id, keysOfService(after.composeTemplate, after.baseEnv));
  // The channel tells by which of several tags a service follows what it runs.
  if (changed.includes('containerImageId') || changed.includes('imageTag')) {
    await recomputeImages(tx, [before.containerImageId, after.containerImageId]);
    saved = (await findService(tx, id)) ?? saved;
  }
  await audit({
    action: 'update',
    resourceType: 'service',
    resourceId: id,
    resourceName: saved.name,
    environmentId: saved.environment_id,
    details: changeDetails(auditedSettings(before), auditedSettings(after), changed),
  });
  return single('service', toService(saved, saved.connections), saved.version);
};
