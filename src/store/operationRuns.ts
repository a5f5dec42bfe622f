import { sql } from 'kysely';
import type { Tx } from './database';
import type { OperationRow } from './operations';
import { statement } from './statement';

/** Operations of one kind on one resource that a run answers for: those that wait, and those whose run died. */
const take = statement<{ kind: string; resourceId: string; total: number }, OperationRow>((db, v) =>
  db
    .updateTable('operations')
    .set({
      state: sql.lit('running'),
      started_at: sql`coalesce(started_at, now())`,
      // Whoever takes over begins again; what was shown is not taken back.
      progress_done: sql`least(progress_done, ${v.total}::int)`,
      progress_total: v.total,
      updated_at: sql`now()`,
    })
    .where('kind', '=', v.kind)
    .where('resource_id', '=', v.resourceId)
    .where('state', 'in', [sql.lit('queued'), sql.lit('running')])
    .returningAll(),
);

/** Makes a run answer for all operations of a kind on a resource that have not ended. */
export const takeOperations = (tx: Tx, kind: string, resourceId: string, total: number): Promise<OperationRow[]> =>
  take.all(tx, { kind, resourceId, total });

const advance = statement<{ ids: string[]; done: number }, OperationRow>(
  (db, v) =>
    db
      .updateTable('operations')
      .set({ progress_done: sql`greatest(progress_done, ${v.done}::int)`, updated_at: sql`now()` })
      .where(sql<boolean>`id = any(${v.ids}::uuid[])`)
      .where('state', '=', 'running')
      .returningAll() as never,
);

/** Writes how far running operations are; those that are not given back have ended meanwhile. */
export const advanceOperations = (tx: Tx, ids: readonly string[], done: number): Promise<OperationRow[]> =>
  advance.all(tx, { ids: ids as string[], done });

export interface OperationEnd {
  state: 'succeeded' | 'failed' | 'cancelled';
  done: number;
  result: object | null;
  /** Body of the problem that ended it. */
  error: object | null;
}

const finish = statement<
  { ids: string[]; state: string; done: number; result: string | null; error: string | null },
  OperationRow
>(
  (_, v) => sql<OperationRow>`
  update operations set state = ${v.state}, progress_done = greatest(progress_done, ${v.done}::int), finished_at = now(), updated_at = now(),
    result = ${v.result}::jsonb, error = ${v.error}::jsonb
  where id = any(${v.ids}::uuid[]) and state = 'running' returning *`,
);

/** Ends running operations. */
export async function finishOperations(tx: Tx, ids: readonly string[], end: OperationEnd): Promise<OperationRow[]> {
  if (ids.length === 0) return [];
  const text = (value: object | null) => value && JSON.stringify(value);
  const { state, done } = end;
  return finish.all(tx, { ids: ids as string[], state, done, result: text(end.result), error: text(end.error) });
}

const endOne = statement<{ id: string; state: string; error: string | null }, OperationRow>((db, v) =>
  db
    .updateTable('operations')
    .set({
      state: v.state,
      error: sql`${v.error}::jsonb`,
      started_at: sql`coalesce(started_at, now())`,
      finished_at: sql`now()`,
      updated_at: sql`now()`,
      version: sql`version + 1`,
    })
    .where('id', '=', v.id)
    .returningAll(),
);

/** Ends a locked operation whose work is one transaction: it is never seen running. */
export async function endOperation(
  tx: Tx,
  id: string,
  { state, error }: { state: 'succeeded' | 'failed'; error: object | null },
): Promise<OperationRow> {
  return (await endOne.first(tx, { id, state, error: error && JSON.stringify(error) })) as OperationRow;
}

const endAll = statement<{ resourceType: string; resourceId: string; warnings: string }, OperationRow>((db, v) =>
  db
    .updateTable('operations')
    .set({
      state: sql.lit('cancelled'),
      finished_at: sql`now()`,
      warnings: sql`warnings || ${v.warnings}::jsonb`,
      updated_at: sql`now()`,
      version: sql`version + 1`,
    })
    .where('resource_type', '=', v.resourceType)
    .where('resource_id', '=', v.resourceId)
    .where('state', 'in', [sql.lit('queued'), sql.lit('running')])
    .returningAll(),
);

/** Cancels whatever has not ended on a resource that is deleted in this transaction: no run would come back to it. */
export const cancelOperationsOf = (
  tx: Tx,
  resourceType: string,
  resourceId: string,
  warning: { code: string; message: string },
): Promise<OperationRow[]> => endAll.all(tx, { resourceType, resourceId, warnings: JSON.stringify([warning]) });

/** An operation that is over when it is written: something that was due, and did not happen. */
export interface EndedOperation {
  id: string;
  kind: string;
  state: 'cancelled' | 'failed';
  resourceType: string;
  resourceId: string;
  environmentId: string;
  createdByName: string;
  result: object;
  warnings: { code: string; message: string }[];
}

const insertEnded = statement<Omit<EndedOperation, 'result' | 'warnings'> & { result: string; warnings: string }, OperationRow>(
  (db, v) =>
    db
      .insertInto('operations')
      .values({
        id: v.id,
        kind: v.kind,
        state: v.state,
        resource_type: v.resourceType,
        resource_id: v.resourceId,
        environment_id: v.environmentId,
        created_by_type: 'system',
        created_by_name: v.createdByName,
        finished_at: sql`now()`,
        cancellable: false,
        result: sql`${v.result}::jsonb`,
        warnings: sql`${v.warnings}::jsonb`,
      })
      .returningAll(),
);

/** Writes an operation of the system that has ended already. */
export async function insertEndedOperation(tx: Tx, { result, warnings, ...others }: EndedOperation): Promise<OperationRow> {
  const values = { ...others, result: JSON.stringify(result), warnings: JSON.stringify(warnings) };
  return (await insertEnded.first(tx, values)) as OperationRow;
}
