import { Problem } from '../../domain/errors';
import { overdueClockJobs } from '../../store/clockJobs';
import { type Database, ping } from '../../store/database';
import { isMigrated } from '../../store/migrate';
import { json, type PublicHandler } from '../handler';

export interface ReadinessNeeds {
  database: Database;
}

type Checks = { database: string; migrations: string; jobs: string };

export const getReadiness: PublicHandler<'getReadiness', ReadinessNeeds> = async (_request, { database }) => {
  const { db } = database;
  const checks: Checks = { database: 'ok', migrations: 'unknown', jobs: 'unknown' };
  try {
    await ping(db);
    checks.migrations = (await isMigrated(db)) ? 'ok' : 'pending';
    const overdue = await overdueClockJobs(db);
    checks.jobs = overdue.length === 0 ? 'ok' : `overdue: ${overdue.join(', ')}`;
  } catch (error) {
    checks.database = 'unreachable';
    throw notReady(checks, error);
  }
  if (Object.values(checks).some((check) => check !== 'ok')) throw notReady(checks);
  return json({ status: 'ok', checks });
};

function notReady(checks: Checks, cause?: unknown): Problem {
  const down = Object.entries(checks)
    .filter(([, state]) => state !== 'ok')
    .map(([name]) => name);
  return new Problem('unavailable', {
    message: `Not ready: ${down.join(', ')}.`,
    hint: 'Requests that need these parts fail until they are back.',
    details: { checks },
    retryAfterSeconds: 1,
    cause,
  });
}
