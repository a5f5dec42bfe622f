import { visible } from '../../domain/access/principal';
import { changeDetails } from '../../domain/changes';
import { invalid } from '../../domain/errors';
import { hostsOfImages } from '../../domain/registries/connectionFor';
import { applyRegistryPatch, changedMembers, changesChoice, checkRegistry, needsRefresh } from '../../domain/registries/registry';
import { replanRefresh } from '../../store/refreshPlans';
import { lockRegistry, takeDefault, updateRegistryRow } from '../../store/registries';
import { type Handler, single } from '../handler';
import { registryUrlIssues } from './createRegistry';
import { requireFreeName } from './requireFreeName';
import { settingsOf, valuesOf } from './settings';
import { toRegistry } from './view';

export const updateRegistry: Handler<'updateRegistry'> = async (request, { tx, principal, keyring, audit }) => {
  const { id } = request.path;
  const row = visible(principal, await lockRegistry(tx, id), 'registry', id);
  const patch = request.body();
  const before = settingsOf(row);
  const after = applyRegistryPatch(before, patch);
  const issues = [...(patch.registryUrl === undefined ? [] : registryUrlIssues(after.registryUrl)), ...checkRegistry(after)];
  if (issues.length > 0) throw invalid(issues);
  request.precondition(row.version, () => toRegistry(row));

  const changed = changedMembers(before, after, patch);
  if (changed.length === 0) return single('registry', toRegistry(row), row.version);
  if (changed.includes('name')) await requireFreeName(tx, principal, row.environment_id, after.name);
  if (changed.includes('isDefault') && after.isDefault) await takeDefault(tx, row.environment_id, id);
  const saved = await updateRegistryRow(tx, {
    ...valuesOf(after, patch, id, row, keyring),
    id,
    environment_id: row.environment_id,
    refresh_soon: needsRefresh(changed),
    moved_hosts: changesChoice(changed) ? [...hostsOfImages(before), ...hostsOfImages(after)] : [],
  });
  if (changed.includes('refreshIntervalMinutes') && !needsRefresh(changed)) replanRefresh(tx, id);
  await audit({
    action: 'update',
    resourceType: 'registry',
    resourceId: id,
    resourceName: saved.name,
    environmentId: saved.environment_id,
    details: changeDetails(before, after, changed),
  });
  return single('registry', toRegistry(saved), saved.version);
};
