import type { Database } from '../store/database';
import { lockQueueMigration, queueMigration } from '../store/jobs';

/** Number of the newest migration that the library brings; known here so that a warm start need not load it. */
export const newestQueueMigration = 19;

/**
 * Makes sure that the queue's tables are there before anything enqueues. Replicas that start together do it once; a
 * start that finds them current costs one statement. Gives whether something was done.
 */
export async function migrateQueue(database: Database): Promise<boolean> {
  if ((await queueMigration(database.db)) >= newestQueueMigration) return false;
  return database.transact(async (tx) => {
    await lockQueueMigration(tx);
    if ((await queueMigration(database.db)) >= newestQueueMigration) return false;
    const { Logger, runMigrations } = await import('graphile-worker');
    // The library commits on a connection of its own; the transaction here only holds the lock.
    await runMigrations({ pgPool: database.pool, logger: new Logger(() => () => {}) });
    return true;
  });
}
