import { sql } from 'kysely';
import type { Tx } from './database';
import { statement } from './statement';

/** A service that would be deployed automatically now. */
export interface DueAutoUpdate {
  id: string;
  name: string;
}

// Stored times are rounded: without that, half of what was discovered in this transaction would be of the future.
const due = statement<{ imageId: string; digestId: string; minAgeMinutes: number }, DueAutoUpdate>(
  (_, v) => sql<DueAutoUpdate>`
  select services.id, services.name from services
  where container_image_id = ${v.imageId} and update_available and desired_state = 'started'
    and exists (select from service_deployments where service_id = services.id)
    and not exists (select from auto_update_attempts where service_id = services.id and image_digest_id = ${v.digestId})
    and exists (select from image_digests where id = ${v.digestId}
      and (${v.minAgeMinutes}::float8 = 0
        or coalesce(pushed_at, discovered_at) <= now() - ${v.minAgeMinutes}::float8 * interval '1 minute'))
  order by services.id`,
);

/** Started services of an image that a digest was not tried on yet, once the digest is old enough. */
export const dueAutoUpdates = (tx: Tx, imageId: string, digestId: string, minAgeMinutes: number): Promise<DueAutoUpdate[]> =>
  due.all(tx, { imageId, digestId, minAgeMinutes });

const attempt = statement<{ serviceId: string; digestId: string; operationId: string }, { service_id: string }>((db, v) =>
  db
    .insertInto('auto_update_attempts')
    .values({ service_id: v.serviceId, image_digest_id: v.digestId, operation_id: v.operationId })
    .onConflict((conflict) => conflict.doNothing())
    .returning('service_id'),
);

/** Marks a digest as tried on a service; false when it was already. */
export const noteAttempt = async (tx: Tx, serviceId: string, digestId: string, operationId: string): Promise<boolean> =>
  (await attempt.first(tx, { serviceId, digestId, operationId })) !== undefined;

const forget = statement<{ imageIds: string[] }, never>(
  (_, v) => sql<never>`
  delete from auto_update_attempts using services
  where services.id = service_id and services.container_image_id = any(${v.imageIds}::uuid[])`,
);

/** Lets digests be tried again on the services of some images. */
export const forgetAttempts = (tx: Tx, imageIds: readonly string[]): Promise<never[]> =>
  forget.all(tx, { imageIds: imageIds as string[] });
