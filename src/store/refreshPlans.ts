import { sql } from 'kysely';
import type { Db, Tx } from './database';
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
export const replanRefresh = (tx: Tx, registryId: string): Promise<never[]> => replan.all(tx, { id: registryId });

export interface UnlinkedImage {
  id: string;
  imageName: string;
  registryConnectionId: null;
}

const unlinked = statement<{ environmentId: string; hosts: string[] }, UnlinkedImage>(
  (_, v) => sql<UnlinkedImage>`
  select id, image_name as "imageName", null as "registryConnectionId" from container_images
  where environment_id = ${v.environmentId} and host = any(${v.hosts}::text[]) and registry_connection_id is null`,
);

/** Images of an environment that are linked to no connection and named under one of some hosts. */
export const unlinkedImages = (db: Db, environmentId: string, hosts: string[]): Promise<UnlinkedImage[]> =>
  unlinked.all(db, { environmentId, hosts });

const checkSoon = statement<{ ids: string[] }, never>(
  (_, v) => sql<never>`
  update image_checks set next_check_at = now() where container_image_id = any(${v.ids}::uuid[]) and next_check_at > now()`,
);

/** Makes images due: the schedule takes them up at its next turn. */
export const planChecks = async (tx: Tx, imageIds: readonly string[]): Promise<void> => {
  if (imageIds.length > 0) await checkSoon.all(tx, { ids: [...imageIds] });
};
