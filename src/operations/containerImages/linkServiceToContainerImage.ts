import { visible } from '../../domain/access/principal';
import { changeDetails, differingMembers } from '../../domain/changes';
import { invalid } from '../../domain/errors';
import { referenceIssues } from '../../domain/references';
import { auditedSettings } from '../../domain/services/service';
import { findContainerImage } from '../../store/containerImages';
import { knowsTag } from '../../store/imageDigests';
import { findService, lockService, updateServiceRow } from '../../store/services';
import { type Handler, single } from '../handler';
import { recomputeImages } from '../services/recomputeImages';
import { settingsOf, valuesOf } from '../services/settings';
import { toService } from '../services/view';

export const linkServiceToContainerImage: Handler<'linkServiceToContainerImage'> = async (request, { tx, principal, audit }) => {
  const { id, serviceId } = request.path;
  const image = visible(principal, await findContainerImage(tx, id), 'container image', id);
  const row = visible(principal, await lockService(tx, serviceId), 'service', serviceId);
  const issues = referenceIssues({ field: 'serviceId', noun: 'service', id: serviceId }, row, image.environment_id, principal);
  if (issues.length > 0) throw invalid(issues);
  request.precondition(row.version, () => toService(row, row.connections));

  const before = settingsOf(row);
  const channelIsLost = image.latest_tag !== null && !(await knowsTag(tx, id, before.imageTag));
  const after = { ...before, containerImageId: id, imageTag: channelIsLost ? (image.latest_tag as string) : before.imageTag };
  const changed = differingMembers(before, after);
  if (changed.length === 0) return single('service', toService(row, row.connections), row.version);
  const updated = await updateServiceRow(tx, { ...valuesOf(after), id: serviceId });
  const recomputed = await recomputeImages(tx, [before.containerImageId, id]);
  const saved = recomputed ? ((await findService(tx, serviceId)) ?? updated) : updated;
  await audit({
    action: 'link',
    resourceType: 'service',
    resourceId: serviceId,
    resourceName: saved.name,
    environmentId: saved.environment_id,
    details: changeDetails(auditedSettings(before), auditedSettings(after), changed),
  });
  return single('service', toService(saved, saved.connections), saved.version);
};
