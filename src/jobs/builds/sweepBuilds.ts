import { lostAfterMinutes, timeExpired } from '../../domain/cloudFoundry/builds/staging';
import { noteClockJob } from '../../store/clockJobs';
import { failLostDroplets, findStaging, lostBuilds } from '../../store/cloudFoundry/staging';
import { type EndParts, endFailed } from './endBuild';

/** Each minute: whoever waits for a build that nobody stages should not wait for much longer than the limit. */
export const sweepBuildsCron = '* * * * *';
/** Longer than it runs: other jobs may be in front of it for a while. */
export const sweepBuildsPeriodSeconds = 600;

/** Builds in one go; more wait for the next minute. */
const most = 200;

/** Fails builds and droplets that have been staging for too long: whoever staged them was lost. */
export async function sweepBuilds(parts: EndParts): Promise<{ builds: number; droplets: number }> {
  const { database } = parts;
  let builds = 0;
  for (const id of await lostBuilds(database.db, lostAfterMinutes, most)) {
    const build = await findStaging(database.db, id);
    if (build && (await endFailed(parts, build, timeExpired))) builds++;
  }
  const droplets = await database.transact(async (tx) => {
    await noteClockJob(tx, 'sweepBuilds', sweepBuildsPeriodSeconds);
    return failLostDroplets(tx, lostAfterMinutes, timeExpired);
  });
  return { builds, droplets };
}
