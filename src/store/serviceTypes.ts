import { type Kysely, type Selectable, sql } from 'kysely';
import type { DB, ServiceTypes } from '../../generated/database';
import type { ObjectReference } from '../domain/errors';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';
import { commandsOf, type TypeCommandRow } from './typeCommands';

/** A service type with its commands in order and the number of services that are of it. */
export type ServiceTypeRow = Selectable<ServiceTypes> & { commands: TypeCommandRow[]; service_count: number };

const commands = commandsOf('service_type_id', 'service_types.id').as('commands');
const serviceCount = sql<number>`(select count(*) from services where service_type_id = service_types.id)`.as('service_count');
const whole = (db: Kysely<DB>) => db.selectFrom('service_types').selectAll('service_types').select([commands, serviceCount]);

const byId = statement<{ id: string }, ServiceTypeRow>((db, { id }) => whole(db).where('service_types.id', '=', id));
const locking = statement<{ id: string }, { id: string }>((db, { id }) =>
  db.selectFrom('service_types').select('id').where('id', '=', id).forUpdate(),
);

/** One type, or undefined. */
export const findServiceType = (db: Db, id: string): Promise<ServiceTypeRow | undefined> => byId.first(db, { id });

/** One type, locked until the transaction ends; read after the lock is there, so that its commands are the latest. */
export async function lockServiceType(tx: Tx, id: string): Promise<ServiceTypeRow | undefined> {
  return (await locking.first(tx, { id })) && byId.first(tx, { id });
}

const list: ListSpec<ServiceTypeRow> = {
  name: 'service_types',
  rows: whole as never,
  countable: (db) => db.selectFrom('service_types') as never,
  id: sql`service_types.id`,
  sort: {
    name: { expression: sql`service_types.name`, type: 'text' },
    displayName: { expression: sql`service_types.display_name`, type: 'text' },
  },
  filters: {
    name: (names: string[]) => sql<boolean>`service_types.name = any(${names})`,
    source: (sources: string[]) => sql<boolean>`service_types.source = any(${sources})`,
    q: (pattern: string) => sql<boolean>`(service_types.name ilike ${pattern} or service_types.display_name ilike ${pattern})`,
  },
};

export interface TypeFilters {
  name?: string[] | undefined;
  source?: string[] | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the types. */
export const listServiceTypes = (db: Db, page: PageRequest, filters: TypeFilters) => listPage(db, list, page, { ...filters });

export interface NewServiceType {
  id: string;
  name: string;
  display_name: string;
  source: 'shipped' | 'user';
  /** JSON text of what the file says; null for types of users. */
  shipped_definition: string | null;
}

const insert = statement<NewServiceType, Selectable<ServiceTypes>>((db, v) =>
  db
    .insertInto('service_types')
    .values({
      id: v.id,
      name: v.name,
      display_name: v.display_name,
      source: v.source,
      shipped_definition: v.shipped_definition,
    })
    .returningAll(),
);

/** Adds a type, without commands. */
export async function insertServiceType(tx: Tx, values: NewServiceType): Promise<Selectable<ServiceTypes>> {
  return (await insert.first(tx, values)) as Selectable<ServiceTypes>;
}

const update = statement<{ id: string; display_name: string; is_customized: boolean }, ServiceTypeRow>((db, v) =>
  db
    .updateTable('service_types')
    .set({ display_name: v.display_name, is_customized: v.is_customized, version: sql`version + 1`, updated_at: sql`now()` })
    .where('id', '=', v.id)
    .returningAll()
    .returning([commands, serviceCount]),
);

/** Replaces what a user sets on a locked type, and counts the version up; gives it with its present commands. */
export async function updateServiceTypeRow(
  tx: Tx,
  values: { id: string; display_name: string; is_customized: boolean },
): Promise<ServiceTypeRow> {
  return (await update.first(tx, values)) as ServiceTypeRow;
}

const touch = statement<{ id: string }, ServiceTypeRow>((db, v) =>
  db
    .updateTable('service_types')
    .set({ is_customized: sql`source = 'shipped'`, version: sql`version + 1`, updated_at: sql`now()` })
    .where('id', '=', v.id)
    .returningAll()
    .returning([commands, serviceCount]),
);

/** Notes on a locked type that a user changed its commands. */
export async function touchServiceType(tx: Tx, id: string): Promise<ServiceTypeRow> {
  return (await touch.first(tx, { id })) as ServiceTypeRow;
}

const keepDefinition = statement<{ id: string; definition: string }, never>(
  (db, v) => db.updateTable('service_types').set({ shipped_definition: v.definition }).where('id', '=', v.id) as never,
);

/** Keeps what the type's file says now, for `resetServiceType`; the type itself stays as it is. */
export async function keepServiceTypeDefinition(tx: Tx, id: string, definition: string): Promise<void> {
  await keepDefinition.all(tx, { id, definition });
}

const byName = statement<{ name: string }, { id: string }>((db, v) =>
  db.selectFrom('service_types').select('id').where('name', '=', v.name),
);

/** The type that has a name. */
export const findServiceTypeByName = (db: Db, name: string): Promise<{ id: string } | undefined> => byName.first(db, { name });

const users = statement<{ id: string }, ObjectReference & { total: number }>((db, { id }) =>
  db
    .selectFrom('services')
    .select(['id', 'name', sql<string>`'service'`.as('type'), sql<number>`count(*) over ()`.as('total')])
    .where('service_type_id', '=', id)
    .orderBy('name')
    .limit(50),
);

/** Services that are of a type: at most 50, each with the number of all. */
export const servicesOfType = (tx: Tx, id: string): Promise<(ObjectReference & { total: number })[]> => users.all(tx, { id });

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('service_types').where('id', '=', id) as never);

/** Deletes a locked type with its commands. */
export const deleteServiceTypeRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });
