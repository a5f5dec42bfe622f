import { type QueryCreator, type Selectable, sql } from 'kysely';
import type { DB, ServiceFiles } from '../../generated/database';
import type { Attached } from '../domain/config/serviceFile';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { type FileTarget, targetsWhere } from './fileTargets';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';

/** The file of an attachment, as far as the attachment tells of it. */
export interface AttachedFile {
  id: string;
  name: string;
  filename: string;
  description: string | null;
  isBinary: boolean;
  mimeType: string | null;
  fileSize: number;
}

/** An attachment with its file, its environment, and where it is to be. */
export type ServiceFileRow = Selectable<ServiceFiles> & {
  environment_id: string;
  last_synced_at: string | null;
  file: AttachedFile;
  targets: FileTarget[];
};

const file = sql<AttachedFile>`json_build_object('id', config_files.id, 'name', config_files.name,
  'filename', config_files.filename, 'description', config_files.description, 'isBinary', config_files.is_binary,
  'mimeType', config_files.mime_type, 'fileSize', config_files.file_size)`;
const lastSyncedAt = sql<string | null>`(
  select max(delivered_at) from service_file_deliveries where service_file_id = service_files.id)`;

const attachments = (db: QueryCreator<DB>) =>
  db
    .selectFrom('service_files')
    .innerJoin('config_files', 'config_files.id', 'service_files.config_file_id')
    .selectAll('service_files')
    .select('config_files.environment_id')
    .select(file.as('file'))
    .select(lastSyncedAt.as('last_synced_at'))
    .select(targetsWhere(sql`attached.id = service_files.id`).as('targets'));

interface Place {
  serviceId: string;
  fileId: string;
}
// A base attachment answers to the id of its file; ids are unique, so at most one row fits.
const byFile = (db: QueryCreator<DB>, { serviceId, fileId }: Place) =>
  attachments(db)
    .where('service_files.service_id', '=', serviceId)
    .where(
      sql<boolean>`(service_files.id = ${fileId} or
        (service_files.config_file_id = ${fileId} and service_files.service_deployment_id is null))`,
    );
const byFileId = statement<Place, ServiceFileRow>(byFile as never);
const byFileIdLocked = statement<Place, ServiceFileRow>((db, place) => byFile(db, place).forUpdate('service_files') as never);

/** The attachment that an id names: its own, or of a base attachment that of its config file. */
export const findServiceFile = (db: Db, serviceId: string, fileId: string): Promise<ServiceFileRow | undefined> =>
  byFileId.first(db, { serviceId, fileId });

/** As `findServiceFile`, locked until the transaction ends. */
export const lockServiceFile = (tx: Tx, serviceId: string, fileId: string): Promise<ServiceFileRow | undefined> =>
  byFileIdLocked.first(tx, { serviceId, fileId });

const list: ListSpec<ServiceFileRow, { environmentId: string }> = {
  name: 'serviceFiles',
  rows: attachments as never,
  countable: (db) =>
    db.selectFrom('service_files').innerJoin('config_files', 'config_files.id', 'service_files.config_file_id') as never,
  id: sql`service_files.id`,
  sort: {
    createdAt: { expression: sql`service_files.created_at`, type: 'timestamp' },
    targetPath: { expression: sql`service_files.target_path`, type: 'text' },
  },
  filters: {
    serviceId: (id: string) => sql<boolean>`service_files.service_id = ${id}`,
    q: (pattern: string) => sql<boolean>`config_files.name ilike ${pattern}`,
  },
  parent: { table: 'services', filter: 'serviceId' },
  once: { environmentId: (serviceId) => sql<string>`(select environment_id from services where id = ${serviceId})` },
};

/** A page of the attachments of one service, and the environment that this is in. */
export const listServiceFileRows = (db: Db, page: PageRequest, filters: { serviceId: string; q?: string | undefined }) =>
  listPage(db, list, page, { ...filters });

const ofService = statement<{ serviceId: string }, Attached>((db, { serviceId }) =>
  db
    .selectFrom('service_files')
    .select(['id', 'config_file_id', 'service_deployment_id', 'target_path'])
    .where('service_id', '=', serviceId)
    .orderBy('created_at')
    .orderBy('id'),
);

/** All attachments of a service, the oldest first. */
export const attachmentsOfService = (db: Db, serviceId: string): Promise<Attached[]> => ofService.all(db, { serviceId });

type NewAttachment = Attached & { service_id: string };

const insert = statement<NewAttachment, never>(
  (db, v) =>
    db.insertInto('service_files').values({
      id: v.id,
      service_id: v.service_id,
      config_file_id: v.config_file_id,
      service_deployment_id: v.service_deployment_id,
      target_path: v.target_path,
    }) as never,
);

/** Attaches a file to a service; gives the attachment as it is read. */
export async function insertServiceFile(tx: Tx, values: NewAttachment): Promise<ServiceFileRow> {
  await insert.all(tx, values);
  return (await findServiceFile(tx, values.service_id, values.id)) as ServiceFileRow;
}

const move = statement<{ id: string; targetPath: string }, never>(
  (db, v) =>
    db
      .updateTable('service_files')
      .set({ target_path: v.targetPath, version: sql`version + 1`, updated_at: sql`now()` })
      .where('id', '=', v.id) as never,
);

/** Gives a locked attachment another path, and counts its version up. */
export async function moveServiceFile(tx: Tx, row: ServiceFileRow, targetPath: string): Promise<ServiceFileRow> {
  await move.all(tx, { id: row.id, targetPath });
  return (await findServiceFile(tx, row.service_id, row.id)) as ServiceFileRow;
}

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('service_files').where('id', '=', id) as never);

/** Deletes a locked attachment. */
export const deleteServiceFileRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });

const whereabouts = statement<{ id: string }, { environment_id: string; name: string }>((db, { id }) =>
  db.selectFrom('config_files').select(['environment_id', 'name']).where('id', '=', id),
);

/** Where a config file is; undefined when there is none. */
export const environmentOfConfigFile = (db: Db, id: string): Promise<{ environment_id: string; name: string } | undefined> =>
  whereabouts.first(db, { id });
