import { uuidv7 } from 'uuidv7';
import { requireEnvironmentInReach } from '../../domain/access/principal';
import { changeDetails } from '../../domain/changes';
import { invalid } from '../../domain/errors';
import { hostsOfImages } from '../../domain/registries/connectionFor';
import { applyRegistryPatch, checkRegistry, newRegistry } from '../../domain/registries/registry';
import { parseRegistryUrl } from '../../domain/registries/registryUrl';
import { requireEnvironment } from '../../store/environments';
import { planChecksUnder } from '../../store/refreshPlans';
import { insertRegistry, takeDefault } from '../../store/registries';
import { created, type Handler } from '../handler';
import { requireFreeName } from './requireFreeName';
import { valuesOf } from './settings';
import { toRegistry } from './view';

export const createRegistry: Handler<'createRegistry'> = async (request, { tx, principal, keyring, audit }) => {
  const { envId } = request.path;
  requireEnvironmentInReach(principal, envId);
  await requireEnvironment(tx, envId);
  const body = request.body();

  const settings = applyRegistryPatch(newRegistry(body.name, body.type, body.registryUrl), body);
  const issues = [...registryUrlIssues(settings.registryUrl), ...checkRegistry(settings)];
  if (issues.length > 0) throw invalid(issues);
  await requireFreeName(tx, principal, envId, settings.name);

  const id = uuidv7();
  if (settings.isDefault) await takeDefault(tx, envId, id);
  const row = await insertRegistry(tx, { ...valuesOf(settings, body, id, null, keyring), id, environment_id: envId });
  if (settings.isDefault) planChecksUnder(tx, envId, hostsOfImages(settings));
  await audit({
    action: 'create',
    resourceType: 'registry',
    resourceId: id,
    resourceName: row.name,
    environmentId: envId,
    details: changeDetails({}, settings, Object.keys(body)),
  });
  return created(`/api/registries/${id}`, 'registry', toRegistry(row), row.version);
};

export function registryUrlIssues(text: string) {
  const parsed = parseRegistryUrl(text);
  return 'issue' in parsed ? [parsed.issue] : [];
}
