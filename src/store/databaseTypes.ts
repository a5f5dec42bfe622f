import { type Kysely, type Selectable, sql } from 'kysely';
import type { DatabaseTypes, DB } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { DatabaseTypeSettings } from '../domain/types/definition';
import type { Db, Tx } from './database';
import { type ListSpec, listPage } from './list';
import type { TypeFilters } from './serviceTypes';
import { statement } from './statement';
import { commandsOf, type TypeCommandRow } from './typeCommands';

/** A database type with its commands in order. */
export type DatabaseTypeRow = Selectable<DatabaseTypes> & { commands: TypeCommandRow[] };

const commands = commandsOf('database_type_id', 'database_types.id').as('commands');
const whole = (db: Kysely<DB>) => db.selectFrom('database_types').selectAll('database_types').select(commands);

const byId = statement<{ id: string }, DatabaseTypeRow>((db, { id }) => whole(db).where('database_types.id', '=', id));
const locking = statement<{ id: string }, { id: string }>((db, { id }) =>
  db.selectFrom('database_types').select('id').where('id', '=', id).forUpdate(),
);

/** One type, or undefined. */
export const findDatabaseType = (db: Db, id: string): Promise<DatabaseTypeRow | undefined> => byId.first(db, { id });

/** One type, locked until the transaction ends; read after the lock is there, so that its commands are the latest. */
export async function lockDatabaseType(tx: Tx, id: string): Promise<DatabaseTypeRow | undefined> {
  return (await locking.first(tx, { id })) && byId.first(tx, { id });
}

const list: ListSpec<DatabaseTypeRow> = {
  name: 'database_types',
  rows: whole as never,
  countable: (db) => db.selectFrom('database_types') as never,
  id: sql`database_types.id`,
  sort: {
    name: { expression: sql`database_types.name`, type: 'text' },
    displayName: { expression: sql`database_types.display_name`, type: 'text' },
  },
  filters: {
    name: (names: string[]) => sql<boolean>`database_types.name = any(${names})`,
    source: (sources: string[]) => sql<boolean>`database_types.source = any(${sources})`,
    q: (pattern: string) => sql<boolean>`(database_types.name ilike ${pattern} or database_types.display_name ilike ${pattern})`,
  },
};

/** A page of the types. */
export const listDatabaseTypes = (db: Db, page: PageRequest, filters: TypeFilters) => listPage(db, list, page, { ...filters });

interface SettingsValues {
  display_name: string;
  connection_fields: string;
  backup_command: string | null;
  restore_command: string | null;
  default_port: number | null;
  monitoring: string | null;
}

const valuesOf = (settings: DatabaseTypeSettings): SettingsValues => ({
  display_name: settings.displayName,
  connection_fields: JSON.stringify(settings.connectionFields),
  backup_command: settings.backupCommand,
  restore_command: settings.restoreCommand,
  default_port: settings.defaultPort,
  monitoring: settings.monitoring && JSON.stringify(settings.monitoring),
});

export interface NewDatabaseType {
  id: string;
  name: string;
  source: 'shipped' | 'user';
  /** JSON text of what the file says; null for types of users. */
  shipped_definition: string | null;
}

const insert = statement<NewDatabaseType & SettingsValues, Selectable<DatabaseTypes>>((db, v) =>
  db
    .insertInto('database_types')
    .values({
      id: v.id,
      name: v.name,
      display_name: v.display_name,
      connection_fields: v.connection_fields,
      backup_command: v.backup_command,
      restore_command: v.restore_command,
      default_port: v.default_port,
      monitoring: v.monitoring,
      source: v.source,
      shipped_definition: v.shipped_definition,
    })
    .returningAll(),
);

/** Adds a type, without commands. */
export async function insertDatabaseType(
  tx: Tx,
  values: NewDatabaseType,
  settings: DatabaseTypeSettings,
): Promise<Selectable<DatabaseTypes>> {
  return (await insert.first(tx, { ...values, ...valuesOf(settings) })) as Selectable<DatabaseTypes>;
}

const update = statement<SettingsValues & { id: string; is_customized: boolean }, DatabaseTypeRow>((db, v) =>
  db
    .updateTable('database_types')
    .set({
      display_name: v.display_name,
      connection_fields: v.connection_fields,
      backup_command: v.backup_command,
      restore_command: v.restore_command,
      default_port: v.default_port,
      monitoring: v.monitoring,
      is_customized: v.is_customized,
      version: sql`version + 1`,
      updated_at: sql`now()`,
    })
    .where('id', '=', v.id)
    .returningAll()
    .returning(commands),
);

/** Replaces what a user sets on a locked type, and counts the version up; gives it with its present commands. */
export async function updateDatabaseTypeRow(
  tx: Tx,
  values: { id: string; is_customized: boolean },
  settings: DatabaseTypeSettings,
): Promise<DatabaseTypeRow> {
  return (await update.first(tx, { ...values, ...valuesOf(settings) })) as DatabaseTypeRow;
}

const touch = statement<{ id: string }, DatabaseTypeRow>((db, v) =>
  db
    .updateTable('database_types')
    .set({ is_customized: sql`source = 'shipped'`, version: sql`version + 1`, updated_at: sql`now()` })
    .where('id', '=', v.id)
    .returningAll()
    .returning(commands),
);

/** Notes on a locked type that a user changed its commands. */
export async function touchDatabaseType(tx: Tx, id: string): Promise<DatabaseTypeRow> {
  return (await touch.first(tx, { id })) as DatabaseTypeRow;
}

const keepDefinition = statement<{ id: string; definition: string }, never>(
  (db, v) => db.updateTable('database_types').set({ shipped_definition: v.definition }).where('id', '=', v.id) as never,
);

/** Keeps what the type's file says now, for `resetDatabaseType`; the type itself stays as it is. */
export async function keepDatabaseTypeDefinition(tx: Tx, id: string, definition: string): Promise<void> {
  await keepDefinition.all(tx, { id, definition });
}

const byName = statement<{ name: string }, { id: string }>((db, v) =>
  db.selectFrom('database_types').select('id').where('name', '=', v.name),
);

/** The type that has a name. */
export const findDatabaseTypeByName = (db: Db, name: string): Promise<{ id: string } | undefined> => byName.first(db, { name });

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('database_types').where('id', '=', id) as never);

/** Deletes a locked type with its commands. */
export const deleteDatabaseTypeRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });
