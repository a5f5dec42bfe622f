import { type Kysely, type Selectable, sql } from 'kysely';
import type { DB, Environments } from '../../generated/database';
import type { EnvironmentCounts } from '../domain/environments/environment';
import { notFound, type ObjectReference } from '../domain/errors';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { countedRows, type ListSpec, listPage } from './list';
import { statement } from './statement';

/** An environment with the number of objects of each kind that it holds. */
export type EnvironmentRow = Selectable<Environments> & {
  registry_count: number;
  container_image_count: number;
  service_count: number;
  server_count: number;
  var_count: number;
  secret_count: number;
  has_ssh_key: boolean;
};

const ownId = sql.ref<string>('environments.id');
const counts = [
  countedRows('registries', ownId).as('registry_count'),
  countedRows('container_images', ownId).as('container_image_count'),
  countedRows('services', ownId).as('service_count'),
  countedRows('servers', ownId).as('server_count'),
  countedRows('vars', ownId).as('var_count'),
  countedRows('secrets', ownId).as('secret_count'),
  sql<boolean>`exists (select from environment_ssh where environment_id = environments.id)`.as('has_ssh_key'),
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
    // As any row is read: a new one has nothing to count.
    .returning(counts),
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

/** What is deleted with an environment, by table: the type that references name it by, and the column that tells it apart. */
const contained = {
  services: ['service', 'name'],
  registries: ['registry', 'name'],
  container_images: ['container_image', 'name'],
  servers: ['server', 'name'],
  vars: ['var', 'key'],
  secrets: ['secret', 'key'],
  config_fragments: ['config_fragment', 'name'],
  config_files: ['config_file', 'name'],
} as const;
const containedTables = Object.keys(contained) as (keyof typeof contained)[];

const contents = statement<{ id: string }, ObjectReference>((_, { id }) => {
  const parts = containedTables.map((table) => {
    const [type, name] = contained[table];
    return sql`
      (select ${sql.lit(type)} as type, id, ${sql.ref(name)} as name from ${sql.table(table)}
        where environment_id = ${id} order by ${sql.ref(name)} limit 50)`;
  });
  return sql<ObjectReference>`${sql.join(parts, sql` union all `)} order by type, name, id limit 50`;
});

/** What a locked environment holds, at most 50 objects; `countsOfEnvironment` tells how many there are. */
export const contentsOfEnvironment = (tx: Tx, id: string): Promise<ObjectReference[]> => contents.all(tx, { id });

type Counts = Record<keyof typeof contained, number>;

const heldCounts = statement<{ id: string }, Counts>(
  (_, { id }) =>
    sql<Counts>`select ${sql.join(containedTables.map((table) => sql`${countedRows(table, id)} as ${sql.ref(table)}`))}`,
);

/** How many objects of each kind a locked environment holds. */
export async function countsOfEnvironment(tx: Tx, id: string): Promise<EnvironmentCounts> {
  const held = (await heldCounts.first(tx, { id })) as Counts;
  return {
    services: held.services,
    registries: held.registries,
    containerImages: held.container_images,
    servers: held.servers,
    vars: held.vars,
    secrets: held.secrets,
    configFragments: held.config_fragments,
    configFiles: held.config_files,
  };
}

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

const removeServices = statement<{ id: string }, never>(
  (db, { id }) => db.deleteFrom('services').where('environment_id', '=', id) as never,
);
const removeFiles = statement<{ id: string }, never>(
  (db, { id }) => db.deleteFrom('config_files').where('environment_id', '=', id) as never,
);
const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('environments').where('id', '=', id) as never);
// The counts of audit rows stay: history outlives its environment.
const removeCounts = statement<{ id: string }, never>(
  (db, { id }) =>
    db.deleteFrom('list_counts').where('environment_id', '=', id).where('list', '<>', sql.lit('audit_logs')) as never,
);

/**
 * Deletes a locked environment with everything in it. What uses other objects of it goes before them, since these refuse to
 * go alone: services before servers and files, files before fragments. The counts of its lists, which no key leads to, go last.
 */
export async function deleteEnvironmentRow(tx: Tx, id: string): Promise<void> {
  await removeServices.all(tx, { id });
  await removeFiles.all(tx, { id });
  await remove.all(tx, { id });
  await removeCounts.all(tx, { id });
}
