import { readSystemSettings } from '../../store/systemSettings';
import { type Handler, single } from '../handler';
import { toSystemSettings } from './systemSettings';

export const getSystemSettings: Handler<'getSystemSettings'> = async (_, context) => {
  const row = await readSystemSettings(context.db);
  return single('settings', toSystemSettings(row, context), row.version, { defaults: context.liveSettings.defaults });
};
