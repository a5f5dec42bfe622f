import { type Kysely, type Selectable, sql } from 'kysely';
import type { ConfigFiles, DB } from '../../generated/database';
import type { FileSettings } from '../domain/config/file';
import type { ObjectReference } from '../domain/errors';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { type FileTarget, targetsWhere } from './fileTargets';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';

interface FragmentOfFile {
  fragmentId: string;
  position: number;
  name: string;
  description: string | null;
}

interface AttachmentOfFile {
  id: string;
  targetPath: string;
  lastSyncedAt: string | null;
  serviceDeploymentId: string | null;
  serviceId: string;
  serviceName: string;
}

/** A file with what is told of it everywhere; without its content. */
export type ConfigFileRow = Omit<Selectable<ConfigFiles>, 'content' | 'bytes'> & {
  fragments: FragmentOfFile[];
  attachments: AttachmentOfFile[];
  missing_keys: string[];
  targets: FileTarget[];
};
/** As `ConfigFileRow`, with its text; null when it is binary. */
export type ConfigFileWithText = ConfigFileRow & { content: string | null };

const columns = [
  'id',
  'environment_id',
  'name',
  'filename',
  'description',
  'is_binary',
  'mime_type',
  'file_size',
  'checksum',
  'auto_resync',
  'language',
  'language_given',
  'version',
  'created_at',
  'updated_at',
] as const;

const fragments = sql<FragmentOfFile[]>`(
  select coalesce(json_agg(json_build_object('fragmentId', used.fragment_id, 'position', used.position,
    'name', part.name, 'description', part.description) order by used.position), '[]')
  from config_file_fragments used join config_fragments part on part.id = used.fragment_id
  where used.config_file_id = config_files.id)`;

const attachments = sql<AttachmentOfFile[]>`(
  select coalesce(json_agg(json_build_object('id', attached.id, 'targetPath', attached.target_path,
    'lastSyncedAt', (select to_char(max(delivered_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      from service_file_deliveries where service_file_id = attached.id),
    'serviceDeploymentId', attached.service_deployment_id, 'serviceId', services.id, 'serviceName', services.name)
    order by services.name, attached.created_at, attached.id), '[]')
  from service_files attached join services on services.id = attached.service_id
  where attached.config_file_id = config_files.id)`;

const missingKeys = sql<string[]>`(
  select coalesce(json_agg(named.key order by named.key), '[]') from (
    select key from config_file_keys where config_file_id = config_files.id
    union
    select of_part.key from config_file_fragments used join config_fragment_keys of_part on of_part.fragment_id = used.fragment_id
    where used.config_file_id = config_files.id) as named
  where not exists (select from vars where vars.environment_id = config_files.environment_id and vars.key = named.key)
    and not exists (select from secrets where secrets.environment_id = config_files.environment_id and secrets.key = named.key))`;

const targets = targetsWhere(sql`attached.config_file_id = config_files.id`);

const isAttached = sql<boolean>`exists (select from service_files where config_file_id = config_files.id)`;
const isDelivered = sql<boolean>`exists (
  select from json_array_elements(${targets}) as target where target ->> 'delivered' is not null)`;
/** The statuses that can be told without rendering; `delivered` stands for the others. */
const statusTold = sql<string>`case when not ${isAttached} then 'not_attached' when not ${isDelivered} then 'never' else 'delivered' end`;

const computed = [
  fragments.as('fragments'),
  attachments.as('attachments'),
  missingKeys.as('missing_keys'),
  targets.as('targets'),
] as const;

const named = columns.map((column) => `config_files.${column}` as const);
const files = (db: Kysely<DB>) => db.selectFrom('config_files').select(named).select(computed);
const withText = (db: Kysely<DB>) => files(db).select('config_files.content');

const byId = statement<{ id: string }, ConfigFileWithText>((db, { id }) => withText(db).where('config_files.id', '=', id));
const lock = statement<{ id: string }, { id: string }>((db, { id }) =>
  db.selectFrom('config_files').select('id').where('id', '=', id).forUpdate(),
);

/** One file, or undefined. */
export const findConfigFile = (db: Db, id: string): Promise<ConfigFileWithText | undefined> => byId.first(db, { id });

/**
 * One file, locked until the transaction ends. It is read behind the lock: the statement that waits for a lock sees fragments
 * and attachments as they were before it waited.
 */
export const lockConfigFile = async (tx: Tx, id: string): Promise<ConfigFileWithText | undefined> =>
  (await lock.first(tx, { id })) && byId.first(tx, { id });

/** What is downloaded of a file. */
export type StoredContent = Pick<
  Selectable<ConfigFiles>,
  'environment_id' | 'filename' | 'is_binary' | 'mime_type' | 'content' | 'bytes' | 'checksum' | 'version'
>;

const contentById = statement<{ id: string }, StoredContent>((db, { id }) =>
  db
    .selectFrom('config_files')
    .select(['environment_id', 'filename', 'is_binary', 'mime_type', 'content', 'bytes', 'checksum', 'version'])
    .where('id', '=', id),
);

/** The content of a file, whatever it is. */
export const findContent = (db: Db, id: string): Promise<StoredContent | undefined> => contentById.first(db, { id });

const list: ListSpec<ConfigFileRow> = {
  name: 'config_files',
  rows: files as never,
  countable: (db) => db.selectFrom('config_files') as never,
  id: sql`config_files.id`,
  sort: {
    name: { expression: sql`config_files.name`, type: 'text' },
    updatedAt: { expression: sql`config_files.updated_at`, type: 'timestamp' },
  },
  filters: {
    environmentId: (id: string) => sql<boolean>`config_files.environment_id = ${id}`,
    name: (names: string[]) => sql<boolean>`config_files.name = any(${names})`,
    filename: (names: string[]) => sql<boolean>`config_files.filename = any(${names})`,
    language: (languages: string[]) => sql<boolean>`config_files.language = any(${languages})`,
    fragmentId: (ids: string[]) => sql<boolean>`exists (
      select from config_file_fragments where config_file_id = config_files.id and fragment_id = any(${ids}::uuid[]))`,
    statusOrId: (chosen: string[]) => sql<boolean>`(${statusTold} = any(${chosen}) or config_files.id::text = any(${chosen}))`,
    q: (pattern: string) => sql<boolean>`(config_files.name ilike ${pattern} or config_files.filename ilike ${pattern})`,
  },
  parent: { table: 'environments', filter: 'environmentId' },
  counted: 'config_files',
};

export interface ConfigFileFilters {
  environmentId: string;
  name?: string[] | undefined;
  filename?: string[] | undefined;
  language?: string[] | undefined;
  fragmentId?: string[] | undefined;
  /** `not_attached`, `never`, and ids of the files with any other status that is asked for. */
  statusOrId?: string[] | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the files of one environment, without their contents. */
export const listConfigFiles = (db: Db, page: PageRequest, filters: ConfigFileFilters) =>
  listPage(db, list, page, { ...filters });

/** What a user sets on a file, beside its content. */
export type ConfigFileValues = FileSettings & { id: string };

/** The content of a file, and what is known of it; one of text and bytes is null. */
export interface ContentValues {
  content: string | null;
  bytes: Buffer | null;
  fileSize: number;
  checksum: string;
}

const insert = statement<ConfigFileValues & ContentValues & { environmentId: string }, never>(
  (db, v) =>
    db.insertInto('config_files').values({
      id: v.id,
      environment_id: v.environmentId,
      name: v.name,
      filename: v.filename,
      description: v.description,
      is_binary: v.isBinary,
      content: v.content,
      bytes: v.bytes,
      mime_type: v.mimeType,
      file_size: v.fileSize,
      checksum: v.checksum,
      auto_resync: v.autoResync,
      language: v.language,
      language_given: v.languageGiven,
    }) as never,
);

/** Adds a file, still without fragments and keys. */
export const insertConfigFile = (tx: Tx, values: ConfigFileValues & ContentValues & { environmentId: string }) =>
  insert.all(tx, values);

const settings = (v: ConfigFileValues) => ({
  name: v.name,
  filename: v.filename,
  description: v.description,
  is_binary: v.isBinary,
  mime_type: v.mimeType,
  auto_resync: v.autoResync,
  language: v.language,
  language_given: v.languageGiven,
  version: sql<number>`version + 1`,
  updated_at: sql<string>`now()`,
});
const returned = [...named, 'config_files.content'] as const;

const update = statement<ConfigFileValues, ConfigFileWithText>((db, v) =>
  db.updateTable('config_files').set(settings(v)).where('id', '=', v.id).returning(returned).returning(computed),
);

/** Replaces what a user sets on a locked file, and counts the version up; its content stays. */
export async function updateConfigFileRow(tx: Tx, values: ConfigFileValues): Promise<ConfigFileWithText> {
  return (await update.first(tx, values)) as ConfigFileWithText;
}

/** Former contents of a file that are kept at most, and their bytes; the last one is kept whatever its size. */
export const mostVersions = 100;
export const mostVersionBytes = 64 * 1024 * 1024;

const size = sql<number>`coalesce(octet_length(content), octet_length(bytes))`;

type Edited = ConfigFileValues & ContentValues & { versionId: string; editedBy: string };

// The history takes the content over inside of the database: it comes to no process again.
const updateContent = statement<Edited, ConfigFileWithText>((db, v) =>
  db
    .with('kept', (cte) =>
      cte
        .insertInto('config_file_history')
        .columns(['id', 'config_file_id', 'is_binary', 'content', 'bytes', 'checksum', 'edited_at', 'edited_by'])
        .expression((eb) =>
          eb
            .selectFrom('config_files')
            .select([
              sql<string>`${v.versionId}::uuid`.as('id'),
              'id as config_file_id',
              'is_binary',
              'content',
              'bytes',
              'checksum',
              sql<string>`clock_timestamp()`.as('edited_at'),
              sql<string>`${v.editedBy}::text`.as('edited_by'),
            ])
            .where('id', '=', v.id),
        ),
    )
    .with('dropped', (cte) =>
      cte.deleteFrom('config_file_history').where('id', 'in', (eb) =>
        eb
          .selectFrom(
            sql<{ id: string; place: number; bytes_so_far: number }>`(
              select id, row_number() over newest_first as place, sum(${size}) over newest_first as bytes_so_far
              from config_file_history where config_file_id = ${v.id}
              window newest_first as (order by edited_at desc, id desc))`.as('older'),
          )
          .select('older.id')
          .where(
            sql<boolean>`older.place >= ${sql.lit(mostVersions)} or older.bytes_so_far
              + (select file_size from config_files where id = ${v.id}) > ${sql.lit(mostVersionBytes)}`,
          ),
      ),
    )
    .updateTable('config_files')
    .set({ ...settings(v), content: v.content, bytes: v.bytes, file_size: v.fileSize, checksum: v.checksum })
    .where('id', '=', v.id)
    .returning(returned)
    .returning(computed),
);

/** As `updateConfigFileRow`, with new content: the old one joins the history, and the oldest ones may leave it. */
export async function replaceContent(tx: Tx, values: Edited): Promise<ConfigFileWithText> {
  return (await updateContent.first(tx, values)) as ConfigFileWithText;
}

const byName = statement<{ environmentId: string; name: string }, { id: string }>((db, v) =>
  db.selectFrom('config_files').select('id').where('environment_id', '=', v.environmentId).where('name', '=', v.name),
);

/** The file that has a name in an environment. */
export const findConfigFileByName = (db: Db, environmentId: string, name: string): Promise<{ id: string } | undefined> =>
  byName.first(db, { environmentId, name });

const users = statement<{ id: string }, ObjectReference & { total: number }>((db, { id }) =>
  db
    .selectFrom('services')
    .select(['id', 'name', sql<string>`'service'`.as('type'), sql<number>`count(*) over ()`.as('total')])
    .where('id', 'in', (eb) => eb.selectFrom('service_files').select('service_id').where('config_file_id', '=', id))
    .orderBy('name')
    .limit(50),
);

/** Services that a file is attached to: at most 50, each with the number of all. */
export const servicesOfFile = (tx: Tx, id: string): Promise<(ObjectReference & { total: number })[]> => users.all(tx, { id });

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('config_files').where('id', '=', id) as never);

/** Deletes a locked file with its history. */
export const deleteConfigFileRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });
