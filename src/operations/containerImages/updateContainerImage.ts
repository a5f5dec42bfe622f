import { visible } from '../../domain/access/principal';
import { changeDetails, differingMembers } from '../../domain/changes';
import { alreadyTaken, inDocumentOrder, invalid } from '../../domain/errors';
import { applyImagePatch, repositoryIssues, tagFilterIssues } from '../../domain/images/containerImage';
import { enqueueCheckImage } from '../../jobs/enqueue';
import { recomputeImage } from '../../jobs/images/recompute';
import { findContainerImage, imagesFollowing, lockContainerImage, updateContainerImageRow } from '../../store/containerImages';
import { type Handler, single } from '../handler';
import { connectionIssues, settingsOf, valuesOf } from './settings';
import { toContainerImage } from './view';

export const updateContainerImage: Handler<'updateContainerImage'> = async (request, { tx, principal, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockContainerImage(tx, id), 'container image', id);
  const { environment_id: envId, connections } = row;
  const patch = request.body();
  const before = settingsOf(row);
  const after = applyImagePatch(before, patch);
  const issues = [
    ...(patch.tagFilter === undefined ? [] : tagFilterIssues(after.tagFilter)),
    ...(await connectionIssues(tx, principal, after.registryConnectionId, envId, connections)),
  ];
  if (issues.length === 0 && patch.registryConnectionId) issues.push(...repositoryIssues(after, connections));
  if (issues.length > 0) throw invalid(inDocumentOrder(issues, patch));
  request.precondition(row.version, () => toContainerImage(row, connections));

  const changed = differingMembers(before, after);
  if (changed.length === 0) return single('image', toContainerImage(row, connections), row.version);
  const values = valuesOf(after, connections);
  // The normal form follows the link and nothing else: a connection that was edited since leaves it alone.
  const repository = changed.includes('registryConnectionId') ? values.repository : row.repository;
  if (repository !== row.repository) {
    const others = await imagesFollowing(tx, envId, row.image_name, repository);
    const taken = others.find((other) => other.id !== id);
    if (taken) {
      const message = `With this connection the image is ${repository}, which this environment already follows as "${taken.image_name}".`;
      throw alreadyTaken('registryConnectionId', message, { type: 'container_image', id: taken.id });
    }
  }
  let saved = await updateContainerImageRow(tx, { ...values, repository, id });
  if (changed.includes('tagFilter')) {
    await recomputeImage(tx, id);
    saved = (await findContainerImage(tx, id)) ?? saved;
  }
  if (changed.includes('tagFilter') || changed.includes('registryConnectionId')) await enqueueCheckImage(tx, id);
  await audit({
    action: 'update',
    resourceType: 'container_image',
    resourceId: id,
    resourceName: saved.name,
    environmentId: envId,
    details: changeDetails(before, after, changed),
  });
  return single('image', toContainerImage(saved, connections), saved.version);
};
