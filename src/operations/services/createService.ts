import { uuidv7 } from 'uuidv7';
import { requireEnvironmentInReach } from '../../domain/access/principal';
import { keysOfService } from '../../domain/config/compose';
import { alreadyTaken, inDocumentOrder, invalid } from '../../domain/errors';
import { applyServicePatch, auditedSettings, checkService, newService } from '../../domain/services/service';
import { saveServiceKeys } from '../../store/configKeys';
import { requireEnvironment } from '../../store/environments';
import { findServiceByName, insertService } from '../../store/services';
import { created, type Handler } from '../handler';
import { namedObjectIssues, valuesOf } from './settings';
import { toService } from './view';

export const createService: Handler<'createService'> = async (request, { tx, principal, audit }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  await requireEnvironment(tx, envId);
  const body = request.body();

  const issues = [...checkService(body), ...(await namedObjectIssues(tx, principal, body, envId))];
  if (issues.length > 0) throw invalid(inDocumentOrder(issues, body));
  const settings = applyServicePatch(newService(body.name, body.containerImageId), body);
  const taken = await findServiceByName(tx, envId, settings.name);
  if (taken) {
    const message = `This environment already has a service named "${settings.name}".`;
    throw alreadyTaken('name', message, { type: 'service', id: taken.id });
  }

  const id = uuidv7();
  const row = await insertService(tx, { ...valuesOf(settings), id, environment_id: envId });
  await saveServiceKeys(tx, id, keysOfService(settings.composeTemplate, settings.baseEnv));
  await audit({
    action: 'create',
    resourceType: 'service',
    resourceId: id,
    resourceName: row.name,
    environmentId: envId,
    details: { changed: Object.keys(body), after: auditedSettings(settings) },
  });
  return created(`/api/services/${id}`, 'service', toService(row, row.connections), row.version);
};
