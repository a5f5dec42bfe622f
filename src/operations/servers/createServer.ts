import { uuidv7 } from 'uuidv7';
import { requireEnvironmentInReach } from '../../domain/access/principal';
import { changeDetails } from '../../domain/changes';
import { inDocumentOrder, invalid } from '../../domain/errors';
import { applyServerPatch, checkServer, newServer } from '../../domain/servers/server';
import { settingsOf } from '../../store/environmentSettings';
import { requireEnvironment } from '../../store/environments';
import { insertServer } from '../../store/servers';
import { created, type Handler } from '../handler';
import { requireFreeName } from './requireFreeName';
import { valuesOf } from './settings';
import { toServer } from './view';

export const createServer: Handler<'createServer'> = async (request, { tx, principal, audit }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  await requireEnvironment(tx, envId);
  const body = request.body();

  const { defaultDockerMode } = await settingsOf(tx, envId, 'operations');
  const settings = applyServerPatch(newServer(body.name, body.hostname, defaultDockerMode), body);
  const issues = checkServer(settings, body);
  if (issues.length > 0) throw invalid(inDocumentOrder(issues, body));
  await requireFreeName(tx, principal, envId, settings.name);

  const id = uuidv7();
  const row = await insertServer(tx, { ...valuesOf(settings), id, environment_id: envId });
  await audit({
    action: 'create',
    resourceType: 'server',
    resourceId: id,
    resourceName: row.name,
    environmentId: envId,
    details: changeDetails({}, settings, Object.keys(body)),
  });
  return created(`/api/servers/${id}`, 'server', toServer(row), row.version);
};
