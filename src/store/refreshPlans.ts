import { sql } from 'kysely';
import { defer, type Tx } from './database';
import { statement } from './statement';

/** When connections and images are read next, as far as changes by users decide it. */

// While refreshes fail their own back-off holds, which the new interval bounds.
const replan = statement<{ id: string }, never>(
  (_, { id }) => sql<never>`
  update registry_refreshes planned
  set next_refresh_at = case when failures > 0
    then least(next_refresh_at, now() + refresh_interval_minutes * 4 * interval '1 minute')
    else greatest(now(), coalesce(last_refresh_at, now()) + refresh_interval_minutes * (0.9 + 0.1 * random()) * interval '1 minute')
    end
  from registries where registries.id = registry_id and registry_id = ${id}`,
);

/** Plans the next refresh of a connection by the interval that it has now. */
export const replanRefresh = (tx: Tx, registryId: string): void => defer(tx, replan.all(tx, { id: registryId }));

const checkSoon = statement<{ environmentId: string; hosts: string[] }, never>(
  (_, v) => sql<never>`
  update image_checks set next_check_at = least(next_check_at, now())
  from container_images image
  where image.id = container_image_id and image.environment_id = ${v.environmentId} and image.host = any(${v.hosts}::text[])
    and image.registry_connection_id is null`,
);

/**
 * Makes the images due that are linked to no connection and named under one of some hosts: the schedule reads those that no
 * connection serves, and leaves the others to theirs.
 */
export const planChecksUnder = (tx: Tx, environmentId: string, hosts: string[]): void =>
  defer(tx, checkSoon.all(tx, { environmentId, hosts }));
