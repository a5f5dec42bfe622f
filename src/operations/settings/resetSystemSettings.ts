import { lockSystemSettings } from '../../store/systemSettings';
import { type Handler, single } from '../handler';
import { changeSystemSettings, toSystemSettings } from './systemSettings';

export const resetSystemSettings: Handler<'resetSystemSettings'> = async (request, context) => {
  const row = await lockSystemSettings(context.tx);
  request.precondition(row.version, () => toSystemSettings(row, context));
  const saved = await changeSystemSettings(context, row, {}, 'reset');
  return single('settings', toSystemSettings(saved, context), saved.version);
};
