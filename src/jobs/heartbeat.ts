import { uuidv7 } from 'uuidv7';
import type { Database } from '../store/database';
import { freeJobsOfSilentWorkers, noteAlive, noteEnded } from '../store/workers';

export interface HeartbeatOptions {
  database: Database;
  /** Ids under which this process locks jobs now. */
  poolIds(): readonly string[];
  onFreed(poolIds: readonly string[]): void;
  heartbeatMs: number;
  /** A worker without a sign of life for so long is taken for dead. */
  silentMs: number;
}

/**
 * Gives signs of life of this worker, and frees the jobs of workers that give none any more. A worker that was only paused
 * may wake up later: what it still holds to be its own, leases do not let it write.
 */
export function startHeartbeat(options: HeartbeatOptions): { stop(): Promise<void> } {
  const { database, poolIds, onFreed, heartbeatMs, silentMs } = options;
  const id = uuidv7();
  const beat = async () => {
    await database.transact((tx) => noteAlive(tx, id, poolIds()));
    const freed = await database.transact((tx) => freeJobsOfSilentWorkers(tx, silentMs));
    if (freed.length > 0) onFreed(freed);
  };
  // A database that does not answer is no reason to end: others free the jobs then, if they can.
  let beating: Promise<void> = beat().catch(() => {});
  const timer = setInterval(() => {
    beating = beating.then(beat).catch(() => {});
  }, heartbeatMs);
  return {
    async stop() {
      clearInterval(timer);
      await beating;
      await database.transact((tx) => noteEnded(tx, id)).catch(() => {});
    },
  };
}
