import { noteClockJob } from '../../store/clockJobs';
import { dropExpiredDroplets } from '../../store/cloudFoundry/expiredDroplets';
import type { Database } from '../../store/database';

/** Once a day, at a quiet time. */
export const sweepDropletsCron = '11 4 * * *';
export const sweepDropletsPeriodSeconds = 86_400;

const keepDays = 30;
const batch = 1000;
const batches = 100;

/** Deletes droplets that expired a month ago. */
export async function sweepDroplets(database: Database): Promise<{ droplets: number }> {
  let droplets = 0;
  for (let index = 0; index < batches; index++) {
    const deleted = await database.transact((tx) => dropExpiredDroplets(tx, keepDays, batch));
    droplets += deleted;
    if (deleted < batch) break;
  }
  await database.transact((tx) => noteClockJob(tx, 'sweepDroplets', sweepDropletsPeriodSeconds));
  return { droplets };
}
