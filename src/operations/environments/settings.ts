import type { components } from '../../../generated/contract';
import { requireEnvironmentInReach } from '../../domain/access/principal';
import { changeDetails, differingMembers } from '../../domain/changes';
import { notFound } from '../../domain/errors';
import {
  definitionsOf,
  type EnvironmentDefaults,
  environmentSettingsOf,
  isSettingsModule,
  type SettingsModule,
  type StoredModule,
} from '../../domain/settings/environmentSettings';
import { lockSettings, type StoredSettings, saveSettings } from '../../store/environmentSettings';
import type { WriteContext } from '../handler';

type Schemas = components['schemas'];

/** What clients see of the settings of a module. */
export const toSettings = (
  { module, settings }: StoredSettings,
  installation: EnvironmentDefaults,
): Schemas['EnvironmentSettings'] => environmentSettingsOf(module, settings, installation);

/** What clients see of what a module has. */
export const toDefinitions = (
  module: SettingsModule,
  installation: EnvironmentDefaults,
): Schemas['EnvironmentSettingDefinition'][] =>
  definitionsOf(module, installation).map((definition) => ({
    ...definition,
    options: definition.options && [...definition.options],
  }));

/** The module of a path; 404 when there is none of this name. */
export function requireModule(name: string): SettingsModule {
  if (isSettingsModule(name)) return name;
  throw notFound('settings module', name);
}

/** The module that a write names, with its environment locked; 404 without either. */
export async function lockedModule(
  { tx, principal }: WriteContext,
  path: { id: string; module: string },
): Promise<StoredSettings> {
  requireEnvironmentInReach(principal, path.id);
  const stored = await lockSettings(tx, path.id, path.module);
  if (!stored) throw notFound('environment', path.id);
  requireModule(path.module);
  return stored;
}

/** Saves and audits what is set in a locked module; one that stays as it is stays at its version. */
export async function saveModule(
  { tx, audit, environmentDefaults }: WriteContext,
  environmentId: string,
  before: StoredSettings,
  settings: StoredModule,
  action: 'update' | 'reset',
): Promise<StoredSettings> {
  if (differingMembers({ settings: before.settings }, { settings }).length === 0) return before;
  const saved = await saveSettings(tx, environmentId, before.module, settings);
  const [told, tells] = [toSettings(before, environmentDefaults), toSettings(saved, environmentDefaults)];
  await audit({
    action,
    resourceType: 'environment_settings',
    resourceId: environmentId,
    resourceName: before.module,
    environmentId,
    details: changeDetails(told, tells, differingMembers(told, tells)),
  });
  return saved;
}
