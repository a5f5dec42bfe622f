import { noteClockJob } from '../store/clockJobs';
import type { Database } from '../store/database';
import { deleteOldEvents } from '../store/events';
import { deleteExpiredTickets } from '../store/eventTickets';

/** Each minute: at ten thousand writes a second a minute is 600 000 rows. */
export const sweepEventsCron = '* * * * *';
/** Longer than it runs: other jobs may be in front of it for a while, and late sweeping harms nobody. */
export const sweepEventsPeriodSeconds = 600;

/** A stream can be resumed for ten minutes; what is a little older makes up for clocks and slow sweeps. */
const keepMinutes = 15;
/** Rows in one transaction, so that none holds its locks, and back the horizon of all readers, for long. */
const batch = 5_000;
/** At most so many batches in one go. */
const batches = 400;

/** Deletes events that no stream can be resumed from any more, and tickets that nobody used. */
export async function sweepEvents(database: Database): Promise<{ events: number }> {
  let events = 0;
  for (let index = 0; index < batches; index++) {
    const deleted = await database.transact((tx) => deleteOldEvents(tx, keepMinutes, batch));
    events += deleted;
    if (deleted < batch) break;
  }
  await database.transact(async (tx) => {
    await deleteExpiredTickets(tx);
    await noteClockJob(tx, 'sweepEvents', sweepEventsPeriodSeconds);
  });
  return { events };
}
