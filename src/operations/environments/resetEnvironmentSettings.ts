import { type Handler, single } from '../handler';
import { lockedModule, saveModule, toSettings } from './settings';

export const resetEnvironmentSettings: Handler<'resetEnvironmentSettings'> = async (request, context) => {
  const stored = await lockedModule(context, request.path);
  request.precondition(stored.version, () => toSettings(stored, context.environmentDefaults));
  const saved = await saveModule(context, request.path.id, stored, {}, 'reset');
  return single('settings', toSettings(saved, context.environmentDefaults), saved.version);
};
