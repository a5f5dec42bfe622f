import { requireEnvironmentInReach } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { type SettingsModule, settingsModules } from '../../domain/settings/environmentSettings';
import { allStoredSettings } from '../../store/environmentSettings';
import { requireEnvironment } from '../../store/environments';
import { type Handler, json } from '../handler';
import { contains, pageOfLiveList } from '../registries/livePage';
import { toDefinitions, toSettings } from './settings';

export const listEnvironmentSettings: Handler<'listEnvironmentSettings'> = async (request, context) => {
  const { db, principal, environmentDefaults } = context;
  const { id } = request.path;
  requireEnvironmentInReach(principal, id);
  const { query, page } = await request.page(() => requireEnvironment(db, id));
  const stored = await allStoredSettings(db, id);
  if (!stored) throw notFound('environment', id);

  const wanted = settingsModules.filter((module) => contains(module, query.q));
  const byName = { module: { value: (module: SettingsModule) => module } };
  const { rows, ...rest } = pageOfLiveList(wanted, page, byName, (module) => module);
  const modules = rows.map((module) => {
    const settings = stored.find((one) => one.module === module)?.settings ?? {};
    return {
      module,
      settings: toSettings({ module, settings, version: 0 }, environmentDefaults),
      definitions: toDefinitions(module, environmentDefaults),
    };
  });
  return json({ modules, ...rest });
};
