import { noteClockJob } from '../store/clockJobs';
import type { Database } from '../store/database';
import { sweepDigests } from '../store/imageSightings';

/** Once a day, at a quiet time. */
export const sweepImageDigestsCron = '41 3 * * *';
export const sweepImageDigestsPeriodSeconds = 86_400;

const batch = 1000;
const batches = 100;

/** Deletes digests that nothing uses and that were last seen long ago; the newest of an image stays. */
export async function sweepImageDigests(database: Database, retentionDays: number): Promise<{ digests: number }> {
  let digests = 0;
  for (let index = 0; index < batches; index++) {
    const deleted = await database.transact((tx) => sweepDigests(tx, retentionDays, batch));
    digests += deleted;
    if (deleted < batch) break;
  }
  await database.transact((tx) => noteClockJob(tx, 'sweepImageDigests', sweepImageDigestsPeriodSeconds));
  return { digests };
}
