import { sql } from 'kysely';
import type { Tx } from '../database';
import { statement } from '../statement';

const lock = statement<{ id: string }, { service_id: string }>((db, { id }) =>
  db.selectFrom('droplets').select('service_id').where('id', '=', id).forUpdate(),
);
const current = statement<{ id: string }, { id: string }>((db, { id }) =>
  db.selectFrom('services').select('id').where('current_droplet_id', '=', id),
);

/**
 * A droplet, locked until the transaction ends. Whether it is current is read behind the lock: the statement that waits
 * for one sees what was there before it waited.
 */
export async function lockDropletToDelete(tx: Tx, id: string): Promise<{ service_id: string; is_current: boolean } | undefined> {
  const row = await lock.first(tx, { id });
  return row && { ...row, is_current: (await current.first(tx, { id })) !== undefined };
}

const removeDroplet = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('droplets').where('id', '=', id) as never);

/** Deletes a locked droplet. */
export const deleteDropletRow = (tx: Tx, id: string): Promise<never[]> => removeDroplet.all(tx, { id });

const removePackage = statement<{ id: string }, { id: string }>((db, { id }) =>
  db.deleteFrom('packages').where('id', '=', id).returning(sql<string>`id`.as('id')),
);

/** Deletes a package; gives whether it was there. */
export const deletePackageRow = async (tx: Tx, id: string): Promise<boolean> =>
  (await removePackage.first(tx, { id })) !== undefined;
