import { uuidv7 } from 'uuidv7';
import { requireEnvironmentInReach } from '../../domain/access/principal';
import { alreadyTaken, inDocumentOrder, invalid, notFound } from '../../domain/errors';
import {
  applyImagePatch,
  imageNameIssues,
  newImage,
  repositoryIssues,
  tagFilterIssues,
} from '../../domain/images/containerImage';
import { enqueueCheckImage } from '../../jobs/enqueue';
import { imagesFollowing, insertContainerImage } from '../../store/containerImages';
import { connectionsOfEnvironment } from '../../store/registries';
import { created, type Handler } from '../handler';
import { connectionIssues, valuesOf } from './settings';
import { toContainerImage } from './view';

export const createContainerImage: Handler<'createContainerImage'> = async (request, { tx, principal, audit }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  const connections = await connectionsOfEnvironment(tx, envId);
  if (!connections) throw notFound('environment', envId);
  const body = request.body();

  const settings = applyImagePatch(newImage(body.name, body.imageName), body);
  const issues = [
    ...imageNameIssues(settings.imageName),
    ...tagFilterIssues(settings.tagFilter),
    ...(await connectionIssues(tx, principal, settings.registryConnectionId, envId, connections)),
  ];
  if (issues.length === 0) issues.push(...repositoryIssues(settings, connections));
  if (issues.length > 0) throw invalid(inDocumentOrder(issues, body));
  const values = valuesOf(settings, connections);
  const [taken] = await imagesFollowing(tx, envId, settings.imageName, values.repository);
  if (taken) {
    const message = `This environment already follows ${values.repository}, as "${taken.image_name}".`;
    throw alreadyTaken('imageName', message, { type: 'container_image', id: taken.id });
  }

  const id = uuidv7();
  const row = await insertContainerImage(tx, { ...values, id, environment_id: envId, image_name: settings.imageName });
  await enqueueCheckImage(tx, id);
  await audit({
    action: 'create',
    resourceType: 'container_image',
    resourceId: id,
    resourceName: row.name,
    environmentId: envId,
    details: { changed: Object.keys(body), after: settings },
  });
  return created(`/api/container-images/${id}`, 'image', toContainerImage(row, row.connections), row.version);
};
