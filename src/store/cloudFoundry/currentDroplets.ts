import { sql } from 'kysely';
import { isId } from '../../domain/ids';
import type { Db, Tx } from '../database';
import { statement } from '../statement';

/** An app as far as its droplets need it. */
export interface AppOfDroplets {
  id: string;
  environment_id: string;
  name: string;
  container_image_id: string | null;
  current_droplet_id: string | null;
}

const columns = ['id', 'environment_id', 'name', 'container_image_id', 'current_droplet_id'] as const;
const byId = statement<{ id: string }, AppOfDroplets>((db, { id }) =>
  db.selectFrom('services').select(columns).where('id', '=', id),
);
const byIdLocked = statement<{ id: string }, AppOfDroplets>((db, { id }) =>
  db.selectFrom('services').select(columns).where('id', '=', id).forNoKeyUpdate(),
);

/** One app, or undefined; any text may be asked for. */
export async function findAppOfDroplets(db: Db, guid: string): Promise<AppOfDroplets | undefined> {
  return isId(guid) ? byId.first(db, { id: guid }) : undefined;
}

/** As `findAppOfDroplets`, locked until the transaction ends. */
export async function lockAppOfDroplets(tx: Tx, guid: string): Promise<AppOfDroplets | undefined> {
  return isId(guid) ? byIdLocked.first(tx, { id: guid }) : undefined;
}

const deployment = statement<{ appId: string; dropletId: string | null }, { id: string }>(
  (_, v) => sql<{ id: string }>`
  select id from operations
  where resource_id = ${v.appId} and state in ('queued', 'running') and kind like 'deploy.%'
    and (${v.dropletId}::text is null or coalesce(parameters->>'dropletId', ${v.dropletId}) = ${v.dropletId}) limit 1`,
);

/**
 * Whether a deployment of an app is under way. With a droplet: whether one works towards that, or does not say towards
 * which.
 */
export async function hasActiveDeployment(db: Db, appId: string, dropletId: string | null = null): Promise<boolean> {
  return (await deployment.first(db, { appId, dropletId })) !== undefined;
}

interface CurrentValues {
  id: string;
  dropletId: string;
  setBy: string;
  containerImageId: string | null;
}
const setCurrent = statement<CurrentValues, never>(
  (_, v) => sql<never>`
  update services set current_droplet_id = ${v.dropletId}, current_droplet_set_at = now(), current_droplet_set_by = ${v.setBy},
    container_image_id = ${v.containerImageId}, version = version + 1, updated_at = now()
  where id = ${v.id}`,
);

/** States what a locked app is to run, and of which container image that is. */
export async function saveCurrentDroplet(tx: Tx, values: CurrentValues): Promise<void> {
  await setCurrent.all(tx, values);
}

const follow = statement<{ id: string; containerImageId: string }, never>(
  (_, v) => sql<never>`
  update services set container_image_id = ${v.containerImageId}, version = version + 1, updated_at = now() where id = ${v.id}`,
);

/** Lets a locked app use another container image. */
export async function saveImageOfApp(tx: Tx, id: string, containerImageId: string): Promise<void> {
  await follow.all(tx, { id, containerImageId });
}
