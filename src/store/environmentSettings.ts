import { sql } from 'kysely';
import {
  type EnvironmentDefaults,
  type EnvironmentSettings,
  environmentSettingsOf,
  type SettingsModule,
  type StoredModule,
} from '../domain/settings/environmentSettings';
import type { Db, Tx } from './database';
import { statement } from './statement';

/** What is set in one module of an environment; version 0 = nothing ever was. */
export interface StoredSettings {
  module: SettingsModule;
  settings: StoredModule;
  version: number;
}

const ofModule = statement<{ environmentId: string; module: string }, StoredSettings>(
  (db, v) =>
    db
      .selectFrom('environment_settings')
      .select(['module', 'settings', 'version'])
      .where('environment_id', '=', v.environmentId)
      .where('module', '=', v.module) as never,
);

/** What is set in a module. */
export const storedSettingsOf = async (db: Db, environmentId: string, module: SettingsModule): Promise<StoredSettings> =>
  (await ofModule.first(db, { environmentId, module })) ?? { module, settings: {}, version: 0 };

/** The settings of a module, with defaults for what is not set. Those of the installation are the context's. */
export async function settingsOf<Module extends SettingsModule>(
  db: Db,
  environmentId: string,
  module: Module,
  installation: EnvironmentDefaults = {},
): Promise<EnvironmentSettings[Module]> {
  const { settings } = await storedSettingsOf(db, environmentId, module);
  return environmentSettingsOf(module, settings, installation);
}

type Listed = { stored: StoredSettings[] };

const all = statement<{ environmentId: string }, Listed>(
  (_, v) => sql<Listed>`
  select coalesce((
    select json_agg(json_build_object('module', module, 'settings', settings, 'version', version))
    from environment_settings where environment_id = environments.id), '[]') as stored
  from environments where id = ${v.environmentId}`,
);

/** What is set in all modules of an environment; undefined when there is no such environment. */
export const allStoredSettings = async (db: Db, environmentId: string): Promise<StoredSettings[] | undefined> =>
  (await all.first(db, { environmentId }))?.stored;

const ofEnvironment = statement<{ environmentId: string; module: string }, StoredSettings>(
  (_, v) => sql<StoredSettings>`
  select ${v.module}::text as module, coalesce(stored.settings, '{}') as settings, coalesce(stored.version, 0) as version
  from environments left join environment_settings stored on stored.environment_id = environments.id and stored.module = ${v.module}
  where environments.id = ${v.environmentId}`,
);
const lock = statement<{ id: string }, { id: string }>((db, { id }) =>
  db.selectFrom('environments').select('id').where('id', '=', id).forNoKeyUpdate(),
);

/** What is set in a module; undefined when there is no such environment. A module that there is not has nothing set. */
export const findSettings = (db: Db, environmentId: string, module: string): Promise<StoredSettings | undefined> =>
  ofEnvironment.first(db, { environmentId, module });

/** As `findSettings`, with the environment locked until the transaction ends; it is read behind the lock. */
export const lockSettings = async (tx: Tx, environmentId: string, module: string): Promise<StoredSettings | undefined> =>
  (await lock.first(tx, { id: environmentId })) && ofEnvironment.first(tx, { environmentId, module });

const save = statement<{ environmentId: string; module: string; settings: string }, StoredSettings>(
  (db, v) =>
    db
      .insertInto('environment_settings')
      .values({ environment_id: v.environmentId, module: v.module, settings: v.settings })
      .onConflict((conflict) =>
        conflict.columns(['environment_id', 'module']).doUpdateSet({
          settings: sql`excluded.settings`,
          version: sql`environment_settings.version + 1`,
          updated_at: sql`now()`,
        }),
      )
      .returning(['module', 'settings', 'version']) as never,
);

/** Replaces what is set in a module of a locked environment. */
export const saveSettings = async (
  tx: Tx,
  environmentId: string,
  module: SettingsModule,
  settings: StoredModule,
): Promise<StoredSettings> =>
  (await save.first(tx, { environmentId, module, settings: JSON.stringify(settings) })) as StoredSettings;
