import { type Kysely, type Selectable, sql } from 'kysely';
import type { ConfigFileHistory, DB } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';

/** A former content; the bytes of a binary one stay where they are. */
export type VersionRow = Omit<Selectable<ConfigFileHistory>, 'bytes'> & { file_size: number };

const versions = (db: Kysely<DB>) =>
  db
    .selectFrom('config_file_history')
    .select(['id', 'config_file_id', 'is_binary', 'content', 'checksum', 'edited_at', 'edited_by'])
    .select(sql<number>`coalesce(octet_length(content), octet_length(bytes))`.as('file_size'));

const list: ListSpec<VersionRow> = {
  name: 'config_file_history',
  rows: versions as never,
  countable: (db) => db.selectFrom('config_file_history') as never,
  id: sql`config_file_history.id`,
  sort: { editedAt: { expression: sql`config_file_history.edited_at`, type: 'timestamp' } },
  filters: { configFileId: (id: string) => sql<boolean>`config_file_history.config_file_id = ${id}` },
};

/** A page of the former contents of a file. */
export const listVersions = (db: Db, page: PageRequest, configFileId: string) => listPage(db, list, page, { configFileId });

const byId = statement<{ fileId: string; id: string }, Selectable<ConfigFileHistory>>((db, { fileId, id }) =>
  db.selectFrom('config_file_history').selectAll().where('id', '=', id).where('config_file_id', '=', fileId),
);

/** A former content of a file with its bytes; undefined for one of another file. */
export const findVersion = (tx: Tx, fileId: string, id: string): Promise<Selectable<ConfigFileHistory> | undefined> =>
  byId.first(tx, { fileId, id });
