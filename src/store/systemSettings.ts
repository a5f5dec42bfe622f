import { sql } from 'kysely';
import type { StoredSystemSettings } from '../domain/settings/systemSettings';
import type { Db, Tx } from './database';
import { statement } from './statement';

/** What is set for the installation; there is one row. */
export interface SystemSettingsRow {
  settings: StoredSystemSettings;
  version: number;
}

const only = statement<Record<never, never>, SystemSettingsRow>(
  (db) => db.selectFrom('system_settings').select(['settings', 'version']) as never,
);
const lock = statement<Record<never, never>, SystemSettingsRow>(
  (db) => db.selectFrom('system_settings').select(['settings', 'version']).forUpdate() as never,
);

/** What is set for the installation. */
export const readSystemSettings = async (db: Db): Promise<SystemSettingsRow> => (await only.first(db, {})) as SystemSettingsRow;

/** As `readSystemSettings`, locked until the transaction ends. */
export const lockSystemSettings = async (tx: Tx): Promise<SystemSettingsRow> => (await lock.first(tx, {})) as SystemSettingsRow;

const save = statement<{ settings: string }, SystemSettingsRow>(
  (db, v) =>
    db
      .updateTable('system_settings')
      .set({ settings: v.settings, version: sql`version + 1`, updated_at: sql`now()` })
      .returning(['settings', 'version']) as never,
);

/** Replaces what is set, and tells all processes when the transaction is committed. */
export const saveSystemSettings = async (tx: Tx, settings: StoredSystemSettings): Promise<SystemSettingsRow> =>
  (await save.first(tx, { settings: JSON.stringify(settings) })) as SystemSettingsRow;
