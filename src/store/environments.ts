import { type Kysely, type Selectable, sql } from 'kysely';
import type { DB, Environments } from '../../generated/database';
import { notFound, type ObjectReference } from '../domain/errors';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';

/** An environment with the number of objects of each kind that it holds. */
export type EnvironmentRow = Selectable<Environments> & {
  registry_count: number;
  container_image_count: number;
  service_count: number;
};

const countOf = (table: 'registries' | 'container_images' | 'services') => sql<number>`
  (select coalesce(sum(row_count), 0)::bigint from list_counts
   where list = ${sql.lit(table)} and environment_id = environments.id)`;

const counts = [
  countOf('registries').as('registry_count'),
  countOf('container_images').as('container_image_count'),
  countOf('services').as('service_count'),
] as const;

const withCounts = (db: Kysely<DB>) => db.selectFrom('environments').selectAll('environments').select(counts);

const byId = statement<{ id: string }, EnvironmentRow>((db, { id }) => withCounts(db).where('environments.id', '=', id));
const lock = statement<{ id: string }, { id: string }>((db, { id }) =>
  db.selectFrom('environments').select('id').where('id', '=', id).forUpdate(),
);

/** One environment, or undefined. */
export const findEnvironment = (db: Db, id: string): Promise<EnvironmentRow | undefined> => byId.first(db, { id });

/**
 * One environment, locked until the transaction ends: nothing is added to it meanwhile. It is read behind the lock, since
 * the statement that waits for a lock counts what was there before it waited.
 */
export const lockEnvironment = async (tx: Tx, id: string): Promise<EnvironmentRow | undefined> =>
  (await lock.first(tx, { id })) && byId.first(tx, { id });

const exists = statement<{ id: string }, { id: string }>((db, { id }) =>
  db.selectFrom('environments').select('id').where('id', '=', id),
);

/** Whether there is an environment of this id. */
export const environmentExists = async (db: Db, id: string): Promise<boolean> => (await exists.first(db, { id })) !== undefined;

/** 404 when there is no such environment. */
export async function requireEnvironment(db: Db, id: string): Promise<void> {
  if (!(await environmentExists(db, id))) throw notFound('environment', id);
}

const byNames = statement<{ names: readonly string[] }, { id: string; name: string }>((db, { names }) =>
  db.selectFrom('environments').select(['id', 'name']).where(sql<boolean>`name = any(${names}::text[])`),
);

/** The environments that have one of these names. */
export const environmentsByName = (db: Db, names: readonly string[]): Promise<{ id: string; name: string }[]> =>
  byNames.all(db, { names });

const list: ListSpec<EnvironmentRow> = {
  name: 'environments',
  rows: withCounts as never,
  countable: (db) => db.selectFrom('environments') as never,
  id: sql`environments.id`,
  sort: {
    name: { expression: sql`environments.name`, type: 'text' },
    createdAt: { expression: sql`environments.created_at`, type: 'timestamp' },
  },
  filters: {
    ids: (ids: string[]) => sql<boolean>`environments.id = any(${ids})`,
    name: (names: string[]) => sql<boolean>`environments.name = any(${names})`,
    q: (pattern: string) => sql<boolean>`(environments.name ilike ${pattern} or environments.display_name ilike ${pattern})`,
  },
};

export interface EnvironmentFilters {
  ids?: string[] | undefined;
  name?: string[] | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of environments. */
export const listEnvironments = (db: Db, page: PageRequest, filters: EnvironmentFilters) =>
  listPage(db, list, page, { ...filters });

const byName = statement<{ name: string }, { id: string }>((db, { name }) =>
  db.selectFrom('environments').select('id').where('name', '=', name),
);

/** The environment that has a name. */
export const findEnvironmentByName = (db: Db, name: string): Promise<{ id: string } | undefined> => byName.first(db, { name });

/** What a user sets. */
export interface EnvironmentValues {
  id: string;
  name: string;
  displayName: string | null;
}

const insert = statement<EnvironmentValues, EnvironmentRow>((db, v) =>
  db
    .insertInto('environments')
    .values({ id: v.id, name: v.name, display_name: v.displayName })
    .returningAll()
    .returning([
      sql<number>`0::bigint`.as('registry_count'),
      sql<number>`0::bigint`.as('container_image_count'),
      sql<number>`0::bigint`.as('service_count'),
    ]),
);

/** Adds an environment; gives the row as stored. */
export async function insertEnvironment(tx: Tx, values: EnvironmentValues): Promise<EnvironmentRow> {
  return (await insert.first(tx, values)) as EnvironmentRow;
}

const update = statement<EnvironmentValues, EnvironmentRow>((db, v) =>
  db
    .updateTable('environments')
    .set({ name: v.name, display_name: v.displayName, version: sql`version + 1`, updated_at: sql`now()` })
    .where('id', '=', v.id)
    .returningAll()
    .returning(counts),
);

/** Replaces what a user sets on a locked environment, and counts the version up. */
export async function updateEnvironmentRow(tx: Tx, values: EnvironmentValues): Promise<EnvironmentRow> {
  return (await update.first(tx, values)) as EnvironmentRow;
}

const contents = statement<{ id: string }, ObjectReference>((_, { id }) => {
  const of = (type: string, table: string) => sql`
    (select ${sql.lit(type)} as type, id, name from ${sql.table(table)} where environment_id = ${id} order by name limit 50)`;
  return sql<ObjectReference>`
    ${of('container_image', 'container_images')} union all ${of('registry', 'registries')} union all ${of('service', 'services')}
    order by type, name, id
    limit 50`;
});

/** What a locked environment holds, at most 50 objects; the counts of its row tell how many there are. */
export const contentsOfEnvironment = (tx: Tx, id: string): Promise<ObjectReference[]> => contents.all(tx, { id });

type Listed = ObjectReference & { total: number };

const activeOperations = statement<{ id: string }, Listed>((db, { id }) =>
  db
    .selectFrom('operations')
    .select([sql<string>`'operation'`.as('type'), 'id', 'kind as name', sql<number>`count(*) over ()`.as('total')])
    .where('environment_id', '=', id)
    .where('state', 'in', [sql.lit('queued'), sql.lit('running')])
    .orderBy('created_at')
    .orderBy('id')
    .limit(50),
);

/** Operations of a locked environment that are not final: at most 50, each with the number of all. */
export const activeOperationsOfEnvironment = (tx: Tx, id: string): Promise<Listed[]> => activeOperations.all(tx, { id });

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('environments').where('id', '=', id) as never);
// The counts of audit rows stay: history outlives its environment.
const removeCounts = statement<{ id: string }, never>(
  (db, { id }) =>
    db.deleteFrom('list_counts').where('environment_id', '=', id).where('list', '<>', sql.lit('audit_logs')) as never,
);

/** Deletes a locked environment with everything in it; the counts of its lists, which no key leads to, go last. */
export async function deleteEnvironmentRow(tx: Tx, id: string): Promise<void> {
  await remove.all(tx, { id });
  await removeCounts.all(tx, { id });
}
