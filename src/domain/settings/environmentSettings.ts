import type { Issue } from '../errors';

/** What an administrator sets for one environment, by module. */
export interface EnvironmentSettings {
  general: { sshUser: string };
  monitoring: { collectMetrics: boolean; healthIntervalSec: number };
  operations: {
    defaultDockerMode: 'ssh' | 'socket';
    autoPruneImages: boolean;
    pruneImagesMode: 'dangling' | 'all';
    autoManageCompose: boolean;
    /** Staged and failed droplets that an app keeps; older ones expire. */
    keepStagedDroplets: number;
  };
  data: { allowBackupDownload: boolean; defaultMonitoringEnabled: boolean; defaultCollectionIntervalSec: number };
  configuration: {
    allowSecretReveal: boolean;
    /** Whether /v3 may use repositories that the environment has no container image of. */
    allowUnknownRepositories: boolean;
  };
}

export type SettingsModule = keyof EnvironmentSettings;

type Value = string | number | boolean;

/** What a form needs to know of a setting. */
export interface SettingDefinition {
  key: string;
  type: 'string' | 'integer' | 'boolean' | 'enum';
  default: Value;
  label: string;
  description: string;
  group: string;
  options: readonly string[] | null;
  min: number | null;
  max: number | null;
}

const none = { options: null, min: null, max: null };

const flag = (label: string, group: string, fallback: boolean, description: string) =>
  ({ ...none, type: 'boolean', default: fallback as boolean, label, group, description }) as const;
const integer = (label: string, group: string, [min, max, fallback]: [number, number, number], description: string) =>
  ({ ...none, type: 'integer', default: fallback, min, max, label, group, description }) as const;
const choice = <Option extends string>(
  label: string,
  group: string,
  options: readonly [Option, ...Option[]],
  description: string,
) => ({ ...none, type: 'enum', default: options[0], options, label, group, description }) as const;

type Definitions = {
  readonly [Module in SettingsModule]: {
    readonly [Key in keyof EnvironmentSettings[Module]]: Omit<SettingDefinition, 'key' | 'default'> & {
      default: EnvironmentSettings[Module][Key];
    };
  };
};

/** The one list of settings of environments, in the order in which they are shown. */
const definitions: Definitions = {
  general: {
    sshUser: {
      ...none,
      type: 'string',
      default: 'root',
      label: 'SSH user',
      group: 'SSH',
      description: 'The user that Portolan signs in as on servers, while the SSH key names no other.',
    },
  },
  monitoring: {
    collectMetrics: flag('Collect metrics', 'Metrics', false, 'Whether servers are asked for their load, memory and disks.'),
    healthIntervalSec: integer(
      'Seconds between health checks',
      'Health',
      [15, 3600, 60],
      'How often servers and services are checked.',
    ),
  },
  operations: {
    defaultDockerMode: choice<'ssh' | 'socket'>(
      'Docker over',
      'Docker',
      ['ssh', 'socket'],
      'How Docker is reached on servers that say nothing else.',
    ),
    autoPruneImages: flag('Prune images', 'Docker', false, 'Whether images that nothing uses are removed after a deploy.'),
    pruneImagesMode: choice<'dangling' | 'all'>(
      'Images to prune',
      'Docker',
      ['dangling', 'all'],
      'Only images without a tag, or all that no container uses.',
    ),
    autoManageCompose: flag(
      'Manage compose files',
      'Docker',
      false,
      'Whether Portolan writes the compose files of its services.',
    ),
    keepStagedDroplets: integer(
      'Droplets to keep',
      'Droplets',
      [1, 1000, 42],
      'Staged and failed droplets that an app keeps; older ones expire.',
    ),
  },
  data: {
    allowBackupDownload: flag('Allow downloads of backups', 'Backups', false, 'Whether backups may leave through the API.'),
    defaultMonitoringEnabled: flag(
      'Monitor new databases',
      'Databases',
      false,
      'Whether new databases are monitored from the start.',
    ),
    defaultCollectionIntervalSec: integer(
      'Seconds between collections',
      'Databases',
      [60, 3600, 300],
      'How often the metrics of new databases are collected.',
    ),
  },
  configuration: {
    allowSecretReveal: flag(
      'Allow reveals',
      'Secrets',
      true,
      'Whether administrators may be shown secret values and the SSH key.',
    ),
    allowUnknownRepositories: flag(
      'Allow unknown repositories',
      'Images',
      true,
      'Whether packages and droplets may use repositories that the environment has no container image of.',
    ),
  },
};

/** What the variables of the process say instead of the shipped defaults. */
export type EnvironmentDefaults = { readonly [Module in SettingsModule]?: Readonly<Partial<EnvironmentSettings[Module]>> };

export const settingsModules = Object.keys(definitions) as SettingsModule[];

/** Whether there is a module of this name. */
export const isSettingsModule = (name: string): name is SettingsModule => Object.hasOwn(definitions, name);

/** The settings that a module has, each with the default of this installation. */
export function definitionsOf(module: SettingsModule, installation: EnvironmentDefaults = {}): SettingDefinition[] {
  const defaults = (installation[module] ?? {}) as Record<string, Value>;
  return Object.entries(definitions[module] as Record<string, Omit<SettingDefinition, 'key'>>).map(([key, definition]) => {
    return { key, ...definition, default: defaults[key] ?? definition.default };
  });
}

/** What is set in a module: only keys that were given a value of their own. */
export type StoredModule = Readonly<Record<string, unknown>>;

/** The settings of a module: what is set, else the installation's default, else the shipped one. */
export function environmentSettingsOf<Module extends SettingsModule>(
  module: Module,
  stored: StoredModule,
  installation: EnvironmentDefaults = {},
): EnvironmentSettings[Module] {
  const entries = definitionsOf(module, installation).map((definition) => {
    const { key } = definition;
    return [key, isAllowed(definition, stored[key]) ? stored[key] : definition.default];
  });
  return Object.fromEntries(entries);
}

/** Whether a setting takes a value. */
export function isAllowed({ type, options, min, max }: SettingDefinition, value: unknown): boolean {
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'enum') return options?.includes(value as string) === true;
  if (type === 'string') return typeof value === 'string' && isSshUser(value);
  return Number.isSafeInteger(value) && (value as number) >= (min as number) && (value as number) <= (max as number);
}

/** A user name as it may stand in a command line of ssh. */
export const isSshUser = (name: string): boolean => /^[^\s\p{Cc}:/-][^\s\p{Cc}:/]*$/u.test(name) && name.length <= 255;

/** Absent keeps, null goes back to the default, a value sets. */
export type ModulePatch = Readonly<Record<string, unknown>>;

/** What is set in a module after a change. A value that is the default is none of its own: it follows the default. */
export function applyModulePatch(
  module: SettingsModule,
  present: StoredModule,
  patch: ModulePatch,
  installation: EnvironmentDefaults,
): StoredModule {
  const defaults = environmentSettingsOf(module, {}, installation) as Record<string, unknown>;
  const entries = Object.entries({ ...present, ...patch }).filter(([key, value]) => {
    return value !== undefined && value !== null && value !== defaults[key];
  });
  return Object.fromEntries(entries);
}

/** Keys of other modules; whether the values are right is in the contract. */
export function modulePatchIssues(module: SettingsModule, patch: ModulePatch): Issue[] {
  const known = Object.keys(definitions[module]);
  const home = (key: string) => settingsModules.find((other) => Object.hasOwn(definitions[other], key));
  return Object.keys(patch)
    .filter((key) => !known.includes(key))
    .map((field) => ({
      in: 'body',
      field,
      code: 'unknown_member',
      message: `Is a setting of the module ${home(field)}, not of ${module}.`,
      hint: `Known: ${known.join(', ')}.`,
    }));
}
