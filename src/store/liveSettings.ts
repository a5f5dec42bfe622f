import { type InstallationDefaults, type SystemSettings, systemSettingsOf } from '../domain/settings/systemSettings';
import type { Db } from './database';
import { type Subscription, subscribe } from './notifications';
import { readSystemSettings, type SystemSettingsRow } from './systemSettings';

/** The settings of the installation as one process holds them. */
export interface LiveSettings {
  /** Never older than five seconds while the database answers. */
  current(): SystemSettings;
  /** What every key is while it is not set. */
  readonly defaults: SystemSettings;
  /** What the variables of this process say. */
  readonly installation: InstallationDefaults;
  /** Takes what was just saved or read; what is older than what is known is ignored. */
  adopt(row: SystemSettingsRow): void;
  /** Reads them now. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface LiveSettingsOptions {
  db: Db;
  /** For the connection that hears of changes. */
  connectionString: string;
  /** Of the variables of this process. */
  installation: InstallationDefaults;
  /** How often is looked without having heard anything. */
  pollMs?: number;
}

/** Starts from the defaults: the database may have no tables yet. */
export function createLiveSettings(options: LiveSettingsOptions): LiveSettings {
  const { db, connectionString, installation, pollMs = 2000 } = options;
  const defaults = systemSettingsOf({}, installation);
  let known = { version: 0, settings: defaults };
  let closed = false;
  let reading: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const adopt = ({ version, settings }: SystemSettingsRow) => {
    if (version > known.version) known = { version, settings: systemSettingsOf(settings, installation) };
  };
  const refresh = async () => adopt(await readSystemSettings(db));
  /** One reading at a time; a change that is told meanwhile is found by the next one, which follows at once. */
  let again = false;
  const wake = () => {
    again = true;
    if (closed || reading) return;
    clearTimeout(timer);
    reading = readOn().finally(() => {
      reading = undefined;
      if (!closed) timer = setTimeout(wake, pollMs).unref();
    });
  };
  const readOn = async () => {
    while (again && !closed) {
      again = false;
      // The database is away, or not migrated yet: the next turn looks again.
      await refresh().catch(() => {});
    }
  };
  const heard: Subscription = subscribe(connectionString, 'portolan_settings', wake);
  wake();

  return {
    current: () => known.settings,
    defaults,
    installation,
    adopt,
    refresh,
    async close() {
      closed = true;
      clearTimeout(timer);
      await heard.close();
      await reading;
    },
  };
}
