import { invalid } from '../../domain/errors';
import { applySystemSettingsPatch, systemSettingIssues } from '../../domain/settings/systemSettings';
import { lockSystemSettings } from '../../store/systemSettings';
import { type Handler, single } from '../handler';
import { changeSystemSettings, toSystemSettings } from './systemSettings';

export const updateSystemSettings: Handler<'updateSystemSettings'> = async (request, context) => {
  const row = await lockSystemSettings(context.tx);
  const patch = request.body();
  const issues = systemSettingIssues(patch);
  if (issues.length > 0) throw invalid(issues);
  request.precondition(row.version, () => toSystemSettings(row, context));

  const saved = await changeSystemSettings(
    context,
    row,
    applySystemSettingsPatch(row.settings, patch, context.liveSettings.installation),
    'update',
  );
  return single('settings', toSystemSettings(saved, context), saved.version);
};
