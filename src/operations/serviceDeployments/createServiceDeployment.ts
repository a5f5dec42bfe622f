import { uuidv7 } from 'uuidv7';
import { visible } from '../../domain/access/principal';
import { keysOfEnv } from '../../domain/config/compose';
import { alreadyTaken, inDocumentOrder, invalid } from '../../domain/errors';
import { isId } from '../../domain/ids';
import { referenceIssues } from '../../domain/references';
import { applyPlacementPatch, auditedPlacement, checkPlacement, newPlacement } from '../../domain/services/placement';
import { saveServiceDeploymentKeys } from '../../store/configKeys';
import { environmentOfServer } from '../../store/servers';
import { insertPlacement, placementsInTheWay } from '../../store/serviceDeployments';
import { lockService } from '../../store/services';
import { created, type Handler } from '../handler';
import { recomputeImages } from '../services/recomputeImages';
import { containerNameTaken, valuesOf } from './settings';
import { toServiceDeployment } from './view';

export const createServiceDeployment: Handler<'createServiceDeployment'> = async (request, { tx, principal, audit }) => {
  const { id: serviceId } = request.path;
  const service = visible(principal, await lockService(tx, serviceId), 'service', serviceId);
  const { serverId, ...patch } = request.body();
  const server = isId(serverId) ? await environmentOfServer(tx, serverId) : undefined;
  const reference = { field: 'serverId', noun: 'server', id: serverId };
  const issues = [...checkPlacement(patch), ...referenceIssues(reference, server, service.environment_id, principal)];
  if (issues.length > 0) throw invalid(inDocumentOrder(issues, request.body()));

  const settings = applyPlacementPatch(newPlacement(patch.containerName), patch);
  const present = await placementsInTheWay(tx, { serviceId, serverId, containerName: settings.containerName });
  const ofService = present.find((placement) => placement.service_id === serviceId);
  if (ofService) {
    const message = 'This service already has a placement on this server.';
    throw alreadyTaken('serverId', message, { type: 'service_deployment', id: ofService.id });
  }
  if (present[0]) throw containerNameTaken(present[0]);

  const id = uuidv7();
  const row = await insertPlacement(tx, { ...valuesOf(settings), id, service_id: serviceId, server_id: serverId });
  await saveServiceDeploymentKeys(tx, id, keysOfEnv(settings.envOverrides));
  // What all placements of an image run is no longer one digest.
  await recomputeImages(tx, [service.container_image_id]);
  await audit({
    action: 'create',
    resourceType: 'service_deployment',
    resourceId: id,
    resourceName: row.container_name,
    environmentId: row.environment_id,
    details: { changed: Object.keys(request.body()), after: { serviceId, serverId, ...auditedPlacement(settings) } },
  });
  return created(`/api/services/${serviceId}/deployments/${id}`, 'deployment', toServiceDeployment(row), row.version);
};
