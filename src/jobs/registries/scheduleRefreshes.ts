import { connectionFor } from '../../domain/registries/connectionFor';
import { noteClockJob } from '../../store/clockJobs';
import type { Database, Tx } from '../../store/database';
import { claimDueChecks, type DueCheck } from '../../store/imageWalks';
import { connectionsOfEnvironment, type EnvironmentConnection } from '../../store/registries';
import { claimDueRefreshes } from '../../store/registryRefreshes';
import { type Due, enqueueDueChecks, enqueueDueRefreshes } from '../enqueue';

/** Each minute, by the clock; and every two seconds in each worker, so that what users change need not wait. */
export const scheduleRefreshesCron = '* * * * *';
export const scheduleRefreshesPeriodSeconds = 60;
export const scheduleEveryMs = 2_000;

/** What falls due within this time gets its exact time. */
const withinMs = 5_000;
/** What is overdue by more has waited for a worker, with much else: it is spread over a minute. */
const backlogMs = 30_000;
const spreadMs = 60_000;
/** Rows that one transaction claims. */
const batch = 500;
/** So that a backlog after a long pause does not become one burst of jobs; the rest follows with the next minutes. */
const batches = 20;
const intervalWithoutConnectionMinutes = 60;

export interface Scheduled {
  registries: number;
  images: number;
}

/**
 * Queues connections, and images that no connection serves, that fall due within the next seconds. Rows are claimed one by
 * one and pushed out by an interval, so it may run on any number of replicas at once, and twice.
 */
export async function scheduleRefreshes(database: Database, random = Math.random): Promise<Scheduled> {
  const registries = await inBatches(() =>
    database.transact(async (tx) => {
      const rows = await claimDueRefreshes(tx, withinMs, batch);
      await enqueueDueRefreshes(
        tx,
        rows.map((row) => dueAt(row.registry_id, row, random)),
      );
      return { claimed: rows.length, queued: rows.length };
    }),
  );
  const images = await inBatches(() =>
    database.transact(async (tx) => {
      const rows = await claimDueChecks(tx, withinMs, batch, intervalWithoutConnectionMinutes);
      const due = await unserved(tx, rows);
      await enqueueDueChecks(
        tx,
        due.map((row) => dueAt(row.id, row, random)),
      );
      return { claimed: rows.length, queued: due.length };
    }),
  );
  return { registries, images };
}

/** The turn by the clock, which tells that the schedule is alive. */
export async function scheduleByTheClock(database: Database): Promise<Scheduled> {
  const scheduled = await scheduleRefreshes(database);
  await database.transact((tx) => noteClockJob(tx, 'scheduleRefreshes', scheduleRefreshesPeriodSeconds));
  return scheduled;
}

/** Turns in between, one after the other, until `stop`. One that fails is made up for by the next. */
export function scheduleOften(
  database: Database,
  onError: (error: unknown) => void,
  everyMs = scheduleEveryMs,
): { stop(): void } {
  let running = false;
  const timer = setInterval(() => {
    if (running) return;
    running = true;
    scheduleRefreshes(database)
      .catch(onError)
      .finally(() => {
        running = false;
      });
  }, everyMs);
  return { stop: () => clearInterval(timer) };
}

async function inBatches(claim: () => Promise<{ claimed: number; queued: number }>): Promise<number> {
  let total = 0;
  for (let index = 0; index < batches; index++) {
    const { claimed, queued } = await claim();
    total += queued;
    if (claimed < batch) break;
  }
  return total;
}

/** After a pause everything is due at once. Only the clock of the database counts: it is the one that begins jobs. */
function dueAt(id: string, row: { due_at: string; claimed_at: string }, random: () => number): Due {
  const at = Date.parse(row.due_at);
  const now = Date.parse(row.claimed_at);
  return { id, runAt: new Date(at > now - backlogMs ? at : now + random() * spreadMs).toISOString() };
}

/** Images that a connection serves are read with it; only new ones need not wait for that. */
async function unserved(tx: Tx, rows: readonly DueCheck[]): Promise<DueCheck[]> {
  const connections = new Map<string, EnvironmentConnection[]>();
  for (const id of new Set(rows.map((row) => row.environment_id))) {
    connections.set(id, (await connectionsOfEnvironment(tx, id)) ?? []);
  }
  return rows.filter((row) => {
    const image = { imageName: row.image_name, registryConnectionId: row.registry_connection_id };
    return row.is_new || connectionFor(image, connections.get(row.environment_id) ?? []).connection === null;
  });
}
