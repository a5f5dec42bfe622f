import { uuidv7 } from 'uuidv7';
import { visible } from '../../domain/access/principal';
import { inDocumentOrder, invalid } from '../../domain/errors';
import { isId } from '../../domain/ids';
import { referenceIssues, unknownReference } from '../../domain/references';
import { findPlacement } from '../../store/serviceDeployments';
import { attachmentsOfService, environmentOfConfigFile, insertServiceFile } from '../../store/serviceFiles';
import { lockService } from '../../store/services';
import { created, type Handler } from '../handler';
import { requireFreePlace } from './requireFreePlace';
import { toOneServiceFile } from './view';

export const attachServiceFile: Handler<'attachServiceFile'> = async (request, { tx, principal, keyring, audit }) => {
  const { id: serviceId } = request.path;
  const service = visible(principal, await lockService(tx, serviceId), 'service', serviceId);
  const body = request.body();
  const { configFileId, targetPath } = body;
  const serviceDeploymentId = body.serviceDeploymentId || null;
  const file = isId(configFileId) ? await environmentOfConfigFile(tx, configFileId) : undefined;
  const reference = { field: 'configFileId', noun: 'config file', id: configFileId };
  const issues = referenceIssues(reference, file, service.environment_id, principal);
  if (serviceDeploymentId !== null) {
    const placement = isId(serviceDeploymentId) ? await findPlacement(tx, serviceId, serviceDeploymentId) : undefined;
    const named = { field: 'serviceDeploymentId', noun: 'placement of this service', id: serviceDeploymentId };
    if (!placement) issues.push(unknownReference(named));
  }
  if (issues.length > 0) throw invalid(inDocumentOrder(issues, body));

  const wanted = { config_file_id: configFileId, service_deployment_id: serviceDeploymentId, target_path: targetPath };
  requireFreePlace(principal, wanted, await attachmentsOfService(tx, serviceId));
  const id = uuidv7();
  const row = await insertServiceFile(tx, { ...wanted, id, service_id: serviceId });
  await audit({
    action: 'create',
    resourceType: 'service_file',
    resourceId: id,
    resourceName: row.file.name,
    environmentId: row.environment_id,
    details: { changed: Object.keys(body), after: { serviceId, configFileId, serviceDeploymentId, targetPath } },
  });
  const view = await toOneServiceFile(tx, keyring, row);
  return created(`/api/services/${serviceId}/files/${id}`, 'serviceFile', view, row.version);
};
