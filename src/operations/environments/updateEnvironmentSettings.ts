import { invalid } from '../../domain/errors';
import { applyModulePatch, modulePatchIssues } from '../../domain/settings/environmentSettings';
import { type Handler, single } from '../handler';
import { lockedModule, saveModule, toSettings } from './settings';

export const updateEnvironmentSettings: Handler<'updateEnvironmentSettings'> = async (request, context) => {
  const { environmentDefaults } = context;
  const stored = await lockedModule(context, request.path);
  const patch = request.body();
  const issues = modulePatchIssues(stored.module, patch);
  if (issues.length > 0) throw invalid(issues);
  request.precondition(stored.version, () => toSettings(stored, environmentDefaults));

  const after = applyModulePatch(stored.module, stored.settings, patch, environmentDefaults);
  const saved = await saveModule(context, request.path.id, stored, after, 'update');
  return single('settings', toSettings(saved, environmentDefaults), saved.version);
};
