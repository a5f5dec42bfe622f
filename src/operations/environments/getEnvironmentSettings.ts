import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { findSettings } from '../../store/environmentSettings';
import { type Handler, single } from '../handler';
import { requireModule, toDefinitions, toSettings } from './settings';

export const getEnvironmentSettings: Handler<'getEnvironmentSettings'> = async ({ path }, context) => {
  const { db, principal, environmentDefaults } = context;
  requireEnvironmentInReach(principal, path.id);
  const stored = await findSettings(db, path.id, path.module);
  if (!stored) throw notFound('environment', path.id);
  const definitions = toDefinitions(requireModule(path.module), environmentDefaults);
  return single('settings', toSettings(stored, environmentDefaults), stored.version, { definitions });
};
