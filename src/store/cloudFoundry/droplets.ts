import { type Kysely, type QueryCreator, type Selectable, sql } from 'kysely';
import type { DB, Droplets } from '../../../generated/database';
import type { ListRequest } from '../../domain/cloudFoundry/listRequest';
import type { Metadata } from '../../domain/cloudFoundry/metadata';
import { isId } from '../../domain/ids';
import type { Db, Tx } from '../database';
import { statement } from '../statement';
import { listColumnsOf, listV3, type V3ListSpec } from './list';
import { byIds, byTexts } from './listConditions';
import { metadataColumns } from './metadata';

/** A droplet with its metadata. */
export type DropletRow = Selectable<Droplets> & Metadata;

const droplets = (db: QueryCreator<DB>) =>
  db.selectFrom('droplets').selectAll('droplets').select(metadataColumns('droplet', sql`droplets.id`));

const byId = statement<{ id: string }, DropletRow>((db, { id }) => droplets(db).where('droplets.id', '=', id) as never);

/** One droplet, or undefined; any text may be asked for. */
export async function findDroplet(db: Db, guid: string): Promise<DropletRow | undefined> {
  return isId(guid) ? byId.first(db, { id: guid }) : undefined;
}

const currentOf = statement<{ appId: string }, DropletRow>(
  (db, { appId }) =>
    droplets(db).innerJoin('services', 'services.current_droplet_id', 'droplets.id').where('services.id', '=', appId) as never,
);

/** The current droplet of an app. */
export const findCurrentDroplet = (db: Db, appId: string): Promise<DropletRow | undefined> => currentOf.first(db, { appId });

const isCurrent = sql<boolean>`exists (select from services where current_droplet_id = droplets.id)`;
const isListed = sql<boolean>`droplets.state <> 'STAGING'`;

const list: V3ListSpec<DropletRow> = {
  name: 'droplets',
  type: 'droplet',
  rows: droplets as never,
  countable: ((db: Kysely<DB>) => db.selectFrom('droplets').where(isListed)) as never,
  ...listColumnsOf('droplets'),
  wholeSeconds: true,
  filters: {
    states: byTexts(sql`droplets.state`),
    app_guids: byIds(sql`droplets.service_id`),
    package_guids: byIds(sql`droplets.package_id`),
    current: () => isCurrent,
  },
  counted: {
    list: 'droplets',
    except: ((db: Kysely<DB>) => db.selectFrom('droplets').where(sql<boolean>`droplets.state = 'STAGING'`)) as never,
  },
};

/** A page of droplets; those that are being staged are not among them. */
export const listDroplets = (db: Db, request: ListRequest, reach: readonly string[] | undefined) =>
  listV3(db, list, request, reach);

/** A locked droplet, with what its changes ask of it. */
export type LockedDroplet = DropletRow & { is_current: boolean; app_name: string; app_container_image_id: string | null };

const lockOne = statement<{ id: string }, never>((_, v) => sql<never>`select from droplets where id = ${v.id} for update`);
const lockApp = statement<{ id: string }, never>(
  (_, v) => sql<never>`select from services where id = (select service_id from droplets where id = ${v.id}) for no key update`,
);
const locked = statement<{ id: string }, LockedDroplet>(
  (db, { id }) =>
    droplets(db)
      .innerJoin('services', 'services.id', 'droplets.service_id')
      .select([isCurrent.as('is_current'), 'services.name as app_name', 'services.container_image_id as app_container_image_id'])
      .where('droplets.id', '=', id) as never,
);

/**
 * A droplet, locked until the transaction ends; read behind the lock, since a statement that waits for one sees what was
 * there before it waited. With its app where that may change too: always in this order.
 */
export async function lockDroplet(tx: Tx, id: string, withApp: boolean): Promise<LockedDroplet | undefined> {
  if (withApp) await lockApp.all(tx, { id });
  await lockOne.all(tx, { id });
  return locked.first(tx, { id });
}

/** As `lockDroplet`, for one of an app that is locked already; undefined also for another app's. */
export async function lockDropletOfApp(tx: Tx, appId: string, guid: string): Promise<LockedDroplet | undefined> {
  const found = await findDroplet(tx, guid);
  return found?.service_id === appId ? lockDroplet(tx, guid, false) : undefined;
}

interface NewDroplet {
  id: string;
  appId: string;
  environmentId: string;
  imageDigestId: string | null;
  image: string | null;
  executionMetadata: string | null;
  /** JSON of a map; null = none. */
  processTypes: string | null;
  needsCredentials: boolean;
}
const insert = statement<NewDroplet, never>(
  (_, v) => sql<never>`
  insert into droplets (id, service_id, environment_id, image_digest_id, image, execution_metadata, process_types,
    needs_credentials)
  values (${v.id}, ${v.appId}, ${v.environmentId}, ${v.imageDigestId}, ${v.image}, ${v.executionMetadata}, ${v.processTypes}::jsonb,
    ${v.needsCredentials})`,
);

/** Adds a staged droplet. */
export async function insertDroplet(tx: Tx, droplet: NewDroplet): Promise<void> {
  await insert.all(tx, droplet);
}

const touched = sql`date_trunc('second', now())`;
const touch = statement<{ id: string }, never>(
  (_, v) => sql<never>`update droplets set updated_at = ${touched} where id = ${v.id}`,
);

/** Notes that a locked droplet was changed. */
export async function touchDroplet(tx: Tx, id: string): Promise<void> {
  await touch.all(tx, { id });
}

interface PinnedImage {
  id: string;
  image: string | null;
  /** null = not known, or not known yet. */
  imageDigestId: string | null;
}
const isSame = (v: PinnedImage) => sql<boolean>`image is not distinct from ${v.image}::text`;
const repoint = statement<PinnedImage, never>(
  (_, v) => sql<never>`
  update droplets set image = ${v.image}, image_digest_id = ${v.imageDigestId}, manifest_checked_at = null,
    manifest_lost_at = case when ${isSame(v)} then manifest_lost_at end, needs_credentials = needs_credentials and ${isSame(v)}
  where id = ${v.id}`,
);

/** Pins a locked droplet. What is known of its image stays known while the text stays the same. */
export async function saveImageOfDroplet(tx: Tx, pinned: PinnedImage): Promise<void> {
  await repoint.all(tx, pinned);
}
