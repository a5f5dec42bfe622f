import { type Kysely, type Selectable, sql } from 'kysely';
import type { ConfigFragments, DB } from '../../generated/database';
import type { ObjectReference } from '../domain/errors';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';

/** A config file that is made of a fragment, and the services that it is attached to. */
export interface FragmentUse {
  configFileId: string;
  configFileName: string;
  configFileFilename: string;
  position: number;
  services: { serviceId: string; serviceName: string }[];
}

/** A fragment with the files that are made of it. */
export type ConfigFragmentRow = Selectable<ConfigFragments> & { used_by: FragmentUse[] };

const attachedServices = sql`(
  select coalesce(json_agg(json_build_object('serviceId', services.id, 'serviceName', services.name)
    order by services.name, services.id), '[]')
  from services where id in (select service_id from service_files where config_file_id = file.id))`;

const usedBy = sql<FragmentUse[]>`(
  select coalesce(json_agg(json_build_object('configFileId', file.id, 'configFileName', file.name,
    'configFileFilename', file.filename, 'position', used.position, 'services', ${attachedServices})
    order by file.name, file.id), '[]')
  from config_file_fragments used join config_files file on file.id = used.config_file_id
  where used.fragment_id = config_fragments.id)`;

const withUses = (db: Kysely<DB>) => db.selectFrom('config_fragments').selectAll('config_fragments').select(usedBy.as('used_by'));

const byId = statement<{ id: string }, ConfigFragmentRow>((db, { id }) => withUses(db).where('config_fragments.id', '=', id));
const byIdLocked = statement<{ id: string }, ConfigFragmentRow>((db, { id }) =>
  withUses(db).where('config_fragments.id', '=', id).forUpdate('config_fragments'),
);

/** One fragment, or undefined. */
export const findConfigFragment = (db: Db, id: string): Promise<ConfigFragmentRow | undefined> => byId.first(db, { id });

/** One fragment, locked until the transaction ends. */
export const lockConfigFragment = (tx: Tx, id: string): Promise<ConfigFragmentRow | undefined> => byIdLocked.first(tx, { id });

const list: ListSpec<ConfigFragmentRow> = {
  name: 'config_fragments',
  rows: withUses as never,
  countable: (db) => db.selectFrom('config_fragments') as never,
  id: sql`config_fragments.id`,
  sort: {
    name: { expression: sql`config_fragments.name`, type: 'text' },
    updatedAt: { expression: sql`config_fragments.updated_at`, type: 'timestamp' },
  },
  filters: {
    environmentId: (id: string) => sql<boolean>`config_fragments.environment_id = ${id}`,
    name: (names: string[]) => sql<boolean>`config_fragments.name = any(${names})`,
    q: (pattern: string) => sql<boolean>`config_fragments.name ilike ${pattern}`,
  },
  parent: { table: 'environments', filter: 'environmentId' },
  counted: 'config_fragments',
  weight: sql`octet_length(config_fragments.content)`,
};

export interface ConfigFragmentFilters {
  environmentId: string;
  name?: string[] | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the fragments of one environment. */
export const listConfigFragments = (db: Db, page: PageRequest, filters: ConfigFragmentFilters) =>
  listPage(db, list, page, { ...filters });

interface FragmentValues {
  id: string;
  name: string;
  description: string | null;
  content: string;
}

const insert = statement<FragmentValues & { environmentId: string }, ConfigFragmentRow>((db, v) =>
  db
    .insertInto('config_fragments')
    .values({ id: v.id, environment_id: v.environmentId, name: v.name, description: v.description, content: v.content })
    .returningAll()
    .returning(sql<FragmentUse[]>`'[]'::json`.as('used_by')),
);

/** Adds a fragment; gives the row as stored. */
export async function insertConfigFragment(
  tx: Tx,
  values: FragmentValues & { environmentId: string },
): Promise<ConfigFragmentRow> {
  return (await insert.first(tx, values)) as ConfigFragmentRow;
}

const update = statement<FragmentValues, ConfigFragmentRow>((db, v) =>
  db
    .updateTable('config_fragments')
    .set({
      name: v.name,
      description: v.description,
      content: v.content,
      version: sql`version + 1`,
      updated_at: sql`now()`,
    })
    .where('id', '=', v.id)
    .returningAll()
    .returning(usedBy.as('used_by')),
);

/** Replaces what a user sets on a locked fragment, and counts the version up. */
export async function updateConfigFragmentRow(tx: Tx, values: FragmentValues): Promise<ConfigFragmentRow> {
  return (await update.first(tx, values)) as ConfigFragmentRow;
}

const byName = statement<{ environmentId: string; name: string }, { id: string }>((db, v) =>
  db.selectFrom('config_fragments').select('id').where('environment_id', '=', v.environmentId).where('name', '=', v.name),
);

/** The fragment that has a name in an environment. */
export const findConfigFragmentByName = (db: Db, environmentId: string, name: string): Promise<{ id: string } | undefined> =>
  byName.first(db, { environmentId, name });

const users = statement<{ id: string }, ObjectReference & { total: number }>((db, { id }) =>
  db
    .selectFrom('config_file_fragments')
    .innerJoin('config_files', 'config_files.id', 'config_file_fragments.config_file_id')
    .select([
      'config_files.id',
      'config_files.name',
      sql<string>`'config_file'`.as('type'),
      sql<number>`count(*) over ()`.as('total'),
    ])
    .where('fragment_id', '=', id)
    .orderBy('config_files.name')
    .limit(50),
);

/** Files that are made of a fragment: at most 50, each with the number of all. Read behind its lock. */
export const filesOfFragment = (tx: Tx, id: string): Promise<(ObjectReference & { total: number })[]> => users.all(tx, { id });

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('config_fragments').where('id', '=', id) as never);

/** Deletes a locked fragment. */
export const deleteConfigFragmentRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });
