import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { TypeCommands } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { CommandDefinition } from '../domain/types/definition';
import type { Db, Tx } from './database';
import { jsonTimestamp } from './jsonTimestamp';
import { type ListPage, type ListSpec, listPage } from './list';
import { statement } from './statement';

/** A command of a service type or of a database type: exactly one of the two owner columns is set. */
export type TypeCommandRow = Selectable<TypeCommands>;

/** The column that names the owner of a command. */
export type OwnerColumn = 'service_type_id' | 'database_type_id';

/** The commands of the type that `ownerId` names, in order, as one JSON column. */
export const commandsOf = (column: OwnerColumn, ownerId: string): RawBuilder<TypeCommandRow[]> => sql<TypeCommandRow[]>`(
  select coalesce(json_agg(json_build_object(
    'id', c.id, 'service_type_id', c.service_type_id, 'database_type_id', c.database_type_id, 'name', c.name,
    'display_name', c.display_name, 'command', c.command, 'description', c.description, 'sort_order', c.sort_order,
    'version', c.version, 'created_at', ${jsonTimestamp('c.created_at')}, 'updated_at', ${jsonTimestamp('c.updated_at')}
  ) order by c.sort_order, c.id), '[]')
  from type_commands c where ${sql.ref(`c.${column}`)} = ${sql.ref(ownerId)})`;

/** What a user sets on a command. */
export interface TypeCommandValues {
  display_name: string;
  command: string;
  description: string | null;
  sort_order: number;
}

/** Commands of one kind of type. `typeId` is the owner everywhere: a command of another type is not found. */
export interface TypeCommandStore {
  find(db: Db, typeId: string, id: string): Promise<TypeCommandRow | undefined>;
  list(db: Db, page: PageRequest, filters: { typeId: string; q?: string | undefined }): Promise<ListPage<TypeCommandRow>>;
  insert(tx: Tx, values: TypeCommandValues & { id: string; typeId: string; name: string }): Promise<TypeCommandRow>;
  /** Replaces what a user sets, and counts the version up. */
  update(tx: Tx, values: TypeCommandValues & { id: string; typeId: string }): Promise<TypeCommandRow>;
  remove(tx: Tx, typeId: string, id: string): Promise<void>;
  /** Gives each command the place that it has in `ids`; those that stay where they are keep their version. */
  reorder(tx: Tx, typeId: string, ids: readonly string[]): Promise<void>;
  /**
   * Makes the commands of a type the given ones: those of the same name keep their id, others go. Gives the rows that
   * were new or changed.
   */
  replace(tx: Tx, typeId: string, commands: readonly (CommandDefinition & { id: string })[]): Promise<TypeCommandRow[]>;
}

function commandStore(column: OwnerColumn, parent: 'service_types' | 'database_types'): TypeCommandStore {
  const changes = changesOf(column);
  const owner = sql.ref<string>(`type_commands.${column}`);
  const one = statement<{ typeId: string; id: string }, TypeCommandRow>((db, v) =>
    db.selectFrom('type_commands').selectAll().where('id', '=', v.id).where(column, '=', v.typeId),
  );
  const list: ListSpec<TypeCommandRow> = {
    name: `${parent} commands`,
    rows: (db) => db.selectFrom('type_commands').selectAll('type_commands') as never,
    countable: (db) => db.selectFrom('type_commands') as never,
    id: sql`type_commands.id`,
    sort: {
      sortOrder: { expression: sql`type_commands.sort_order`, type: 'number' },
      name: { expression: sql`type_commands.name`, type: 'text' },
      displayName: { expression: sql`type_commands.display_name`, type: 'text' },
      createdAt: { expression: sql`type_commands.created_at`, type: 'timestamp' },
    },
    filters: {
      typeId: (id: string) => sql<boolean>`${owner} = ${id}`,
      q: (pattern: string) => sql<boolean>`(type_commands.name ilike ${pattern} or type_commands.display_name ilike ${pattern})`,
    },
    parent: { table: parent, filter: 'typeId' },
  };
  return {
    find: (db, typeId, id) => one.first(db, { typeId, id }),
    list: (db, page, filters) => listPage(db, list, page, { ...filters }),
    insert: async (tx, values) => (await changes.insert.first(tx, values)) as TypeCommandRow,
    update: async (tx, values) => (await changes.update.first(tx, values)) as TypeCommandRow,
    remove: async (tx, typeId, id) => void (await changes.remove.all(tx, { typeId, id })),
    reorder: async (tx, typeId, ids) => void (await changes.reorder.all(tx, { typeId, ids })),
    replace: (tx, typeId, commands) => changes.replace.all(tx, { typeId, commands: JSON.stringify(commands) }),
  };
}

function changesOf(column: OwnerColumn) {
  const owner = sql.ref(column);
  return {
    insert: statement<TypeCommandValues & { id: string; typeId: string; name: string }, TypeCommandRow>((db, v) =>
      db
        .insertInto('type_commands')
        .values({
          id: v.id,
          [column]: v.typeId,
          name: v.name,
          display_name: v.display_name,
          command: v.command,
          description: v.description,
          sort_order: v.sort_order,
        })
        .returningAll(),
    ),
    update: statement<TypeCommandValues & { id: string; typeId: string }, TypeCommandRow>((db, v) =>
      db
        .updateTable('type_commands')
        .set({
          display_name: v.display_name,
          command: v.command,
          description: v.description,
          sort_order: v.sort_order,
          version: sql`version + 1`,
          updated_at: sql`now()`,
        })
        .where('id', '=', v.id)
        .where(column, '=', v.typeId)
        .returningAll(),
    ),
    remove: statement<{ typeId: string; id: string }, never>(
      (db, v) => db.deleteFrom('type_commands').where('id', '=', v.id).where(column, '=', v.typeId) as never,
    ),
    reorder: statement<{ typeId: string; ids: readonly string[] }, never>(
      (_, v) => sql`
        update type_commands set sort_order = place.at, version = version + 1, updated_at = now()
        from (select id, (ordinality - 1)::integer as at from unnest(${v.ids}::uuid[]) with ordinality as given (id, ordinality)) place
        where type_commands.id = place.id and ${owner} = ${v.typeId} and sort_order <> place.at`,
    ),
    // Rows are taken away and added in one statement; they never meet, because names are either wanted or not.
    replace: statement<{ typeId: string; commands: string }, TypeCommandRow>(
      (_, v) => sql`
        with wanted as (
          select * from jsonb_to_recordset(${v.commands}::jsonb) as w
            (id uuid, name text, "displayName" text, command text, description text, "sortOrder" integer)
        ), gone as (
          delete from type_commands where ${owner} = ${v.typeId} and name not in (select name from wanted)
        )
        insert into type_commands as present (id, ${owner}, name, display_name, command, description, sort_order)
          select id, ${v.typeId}::uuid, name, "displayName", command, description, "sortOrder" from wanted
        on conflict (${owner}, name) do update
          set display_name = excluded.display_name, command = excluded.command, description = excluded.description,
              sort_order = excluded.sort_order, version = present.version + 1, updated_at = now()
          where (present.display_name, present.command, present.description, present.sort_order)
            is distinct from (excluded.display_name, excluded.command, excluded.description, excluded.sort_order)
        returning *`,
    ),
  };
}

/** Commands of service types. */
export const serviceTypeCommands = commandStore('service_type_id', 'service_types');

/** Commands of database types. */
export const databaseTypeCommands = commandStore('database_type_id', 'database_types');
