import { sql } from 'kysely';
import type { Db, Tx } from './database';
import { statement } from './statement';

const overdue = statement<Record<never, never>, { name: string }>((db) =>
  db
    .selectFrom('clock_jobs')
    .select('name')
    .where(sql<boolean>`last_run_at < now() - make_interval(secs => 2 * period_seconds)`)
    .orderBy('name'),
);

/** Names of clock jobs that did not run for two of their periods. */
export async function overdueClockJobs(db: Db): Promise<string[]> {
  return (await overdue.all(db, {})).map((job) => job.name);
}

const note = statement<{ name: string; periodSeconds: number }, never>(
  (db, v) =>
    db
      .insertInto('clock_jobs')
      .values({ name: v.name, period_seconds: v.periodSeconds })
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet({ last_run_at: sql`now()`, period_seconds: v.periodSeconds }),
      ) as never,
);

/** Notes that a clock job ran now, in the transaction of its work. */
export const noteClockJob = (tx: Tx, name: string, periodSeconds: number): Promise<never[]> =>
  note.all(tx, { name, periodSeconds });
