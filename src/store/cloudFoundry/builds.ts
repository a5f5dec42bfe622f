import { type Kysely, type QueryCreator, type Selectable, sql } from 'kysely';
import type { Builds, DB } from '../../../generated/database';
import type { ListRequest } from '../../domain/cloudFoundry/listRequest';
import type { Metadata } from '../../domain/cloudFoundry/metadata';
import { isId } from '../../domain/ids';
import type { Db, Tx } from '../database';
import { statement } from '../statement';
import { listColumnsOf, listV3, type V3ListSpec } from './list';
import { byIds, byTexts } from './listConditions';
import { metadataColumns } from './metadata';

/** A build with its metadata. */
export type BuildRow = Selectable<Builds> & Metadata;

const builds = (db: QueryCreator<DB>) =>
  db.selectFrom('builds').selectAll('builds').select(metadataColumns('build', sql`builds.id`));

const byId = statement<{ id: string }, BuildRow>((db, { id }) => builds(db).where('builds.id', '=', id) as never);
const lock = statement<{ id: string }, never>(
  (db, { id }) => db.selectFrom('builds').select([]).where('id', '=', id).forUpdate() as never,
);

/** One build, or undefined; any text may be asked for. */
export async function findBuild(db: Db, guid: string): Promise<BuildRow | undefined> {
  return isId(guid) ? byId.first(db, { id: guid }) : undefined;
}

/** One build, locked until the transaction ends, and read behind the lock. */
export async function lockBuild(tx: Tx, id: string): Promise<BuildRow | undefined> {
  await lock.all(tx, { id });
  return byId.first(tx, { id });
}

const list: V3ListSpec<BuildRow> = {
  name: 'builds',
  type: 'build',
  rows: builds as never,
  countable: ((db: Kysely<DB>) => db.selectFrom('builds')) as never,
  ...listColumnsOf('builds'),
  wholeSeconds: true,
  filters: {
    states: byTexts(sql`builds.state`),
    app_guids: byIds(sql`builds.service_id`),
    package_guids: byIds(sql`builds.package_id`),
  },
  counted: { list: 'builds' },
};

/** A page of builds. */
export const listBuilds = (db: Db, request: ListRequest, reach: readonly string[] | undefined) =>
  listV3(db, list, request, reach);

interface NewBuild {
  id: string;
  dropletId: string;
  packageId: string;
  appId: string;
  environmentId: string;
  memoryInMb: number | null;
  diskInMb: number | null;
  logRateLimit: number | null;
  createdByType: string;
  createdById: string;
  createdByName: string;
  createdByEmail: string;
}
const insertDroplet = statement<NewBuild, never>(
  (_, v) => sql<never>`
  insert into droplets (id, service_id, environment_id, package_id, state)
  values (${v.dropletId}, ${v.appId}, ${v.environmentId}, ${v.packageId}, 'STAGING')`,
);
// The unique index over running builds decides, also between two that come at once.
const insert = statement<NewBuild, { id: string }>(
  (_, v) => sql<{ id: string }>`
  insert into builds (id, service_id, environment_id, package_id, droplet_id, staging_memory_in_mb, staging_disk_in_mb,
    staging_log_rate_limit_bytes_per_second, created_by_type, created_by_id, created_by_name, created_by_email)
  values (${v.id}, ${v.appId}, ${v.environmentId}, ${v.packageId}, ${v.dropletId}, ${v.memoryInMb}::int, ${v.diskInMb}::int,
    ${v.logRateLimit}::bigint, ${v.createdByType}, ${v.createdById}::uuid, ${v.createdByName}, ${v.createdByEmail})
  on conflict (service_id) where state = 'STAGING' do nothing returning id`,
);

/**
 * Adds a build of a locked package, and the droplet that it is to fill. Gives false when another build of the app runs: the
 * caller then gives up the transaction.
 */
export async function insertBuild(tx: Tx, build: NewBuild): Promise<boolean> {
  await insertDroplet.all(tx, build);
  return (await insert.first(tx, build)) !== undefined;
}

const touch = statement<{ id: string }, never>(
  (_, v) => sql<never>`update builds set updated_at = date_trunc('second', now()) where id = ${v.id}`,
);

/** Notes that a locked build was changed. */
export async function touchBuild(tx: Tx, id: string): Promise<void> {
  await touch.all(tx, { id });
}
