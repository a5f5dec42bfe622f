import { sql } from 'kysely';
import type { EventType, NewEvent } from '../domain/events/event';
import { comparePositions, type LogBounds, type Position } from '../domain/events/position';
import type { Db, Tx } from './database';
import { statement } from './statement';

export type { NewEvent } from '../domain/events/event';

interface Columns {
  types: string[];
  environmentIds: (string | null)[];
  resourceTypes: (string | null)[];
  data: string[];
}

const insert = statement<Columns, never>(
  (_, { types, environmentIds, resourceTypes, data }) => sql<never>`
    insert into events (type, environment_id, resource_type, data)
    select * from unnest(${types}::text[], ${environmentIds}::uuid[], ${resourceTypes}::text[], ${data}::text[])`,
);

/** The JSON of an event as streams send it. */
export const eventData = (environmentId: string | null, data: object): string => JSON.stringify({ environmentId, ...data });

/** Writes events in the transaction of the change that they tell of. Call `announce` of the feed after the commit. */
export async function recordEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await insert.all(tx, {
    types: events.map(({ type }) => type),
    environmentIds: events.map(({ environmentId }) => environmentId),
    resourceTypes: events.map(({ resourceType }) => resourceType),
    data: events.map(({ environmentId, data }) => eventData(environmentId, data)),
  });
}

/** An event as it stands in the log. */
export interface StoredEvent {
  position: Position;
  type: EventType;
  environment_id: string | null;
  resource_type: string | null;
  /** JSON text. */
  data: string;
}

export interface LogPage {
  events: StoredEvent[];
  /** Before it, something was swept: whoever was not as far has missed that. */
  begin: Position;
  /** Everything up to here was read: nothing can appear before it any more. */
  end: Position;
  /** Whether more can be read at once. */
  more: boolean;
  /** Whether committed events wait for an older transaction to end. */
  held: boolean;
}

interface PageRow {
  horizon: string;
  swept_xid: string;
  swept_seq: number;
  held: boolean;
  xid: string | null;
  seq: number;
  type: EventType;
  environment_id: string | null;
  resource_type: string | null;
  data: string;
}

const pageSize = 500;
const lostRow = 'The table event_log has lost its row';

const page = statement<{ xid: string; seq: number }, PageRow>(
  (_, { xid, seq }) => sql<PageRow>`
    select log.horizon, log.held, log.swept_xid, log.swept_seq, e.xid::text as xid, e.seq, e.type, e.environment_id, e.resource_type, e.data
    from (select pg_snapshot_xmin(pg_current_snapshot())::text as horizon, swept_xid::text as swept_xid, swept_seq,
                 coalesce((select xid from events order by xid desc, seq desc limit 1)
                   >= pg_snapshot_xmin(pg_current_snapshot()), false) as held
          from event_log) log
    left join lateral (
      select * from events
      where (xid, seq) > (${xid}::xid8, ${seq}::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
      order by xid, seq limit ${sql.lit(pageSize)}) e on true`,
);

/** The events behind a position, in order, at most a page of them. */
export async function readEvents(db: Db, after: Position): Promise<LogPage> {
  const rows = await page.all(db, { xid: String(after.transaction), seq: after.sequence });
  const [log] = rows;
  if (!log) throw new Error(lostRow);
  const events = rows.flatMap(({ xid, seq, type, environment_id, resource_type, data }) =>
    xid === null ? [] : [{ position: { transaction: Number(xid), sequence: seq }, type, environment_id, resource_type, data }],
  );
  const more = events.length === pageSize;
  const begin = { transaction: Number(log.swept_xid), sequence: log.swept_seq };
  const horizon = { transaction: Number(log.horizon), sequence: 0 };
  const end = more ? (events[pageSize - 1] as StoredEvent).position : horizon;
  // A second reader may be ahead of this snapshot.
  return { events, begin, end: comparePositions(end, after) > 0 ? end : after, more, held: log.held };
}

const bounds = statement<Record<never, never>, { horizon: string; swept_xid: string; swept_seq: number }>(
  () => sql`
    select pg_snapshot_xmin(pg_current_snapshot())::text as horizon, swept_xid::text as swept_xid, swept_seq from event_log`,
);

/** Where the log begins and ends: before `begin` something is gone, nothing that will appear comes before `end`. */
export async function eventLogBounds(db: Db): Promise<LogBounds> {
  const row = await bounds.first(db, {});
  if (!row) throw new Error(lostRow);
  return {
    begin: { transaction: Number(row.swept_xid), sequence: row.swept_seq },
    end: { transaction: Number(row.horizon), sequence: 0 },
  };
}

const sweep = statement<{ keepMinutes: number; most: number }, { count: number }>(
  (_, { keepMinutes, most }) => sql<{ count: number }>`
    with oldest as materialized (select xid, seq, created_at from events order by xid, seq limit ${most}),
    gone as (delete from events using oldest
      where events.xid = oldest.xid and events.seq = oldest.seq
        and oldest.created_at < now() - make_interval(mins => ${keepMinutes}::integer)
        and oldest.xid < pg_snapshot_xmin(pg_current_snapshot())
      returning events.xid, events.seq),
    last as (select xid, seq from gone order by xid desc, seq desc limit 1),
    noted as (update event_log set swept_xid = last.xid, swept_seq = last.seq from last
      where (event_log.swept_xid, event_log.swept_seq) < (last.xid, last.seq))
    select count(*) as count from gone`,
);

/** Deletes events older than this that readers could have seen, from the begin of the log on, at most so many; gives how many. */
export async function deleteOldEvents(tx: Tx, keepMinutes: number, most: number): Promise<number> {
  return (await sweep.first(tx, { keepMinutes, most }))?.count ?? 0;
}

const notify = statement<Record<never, never>, never>(() => sql`select pg_notify('portolan_events', '')`);

/** Wakes the readers of all processes. Not in a transaction that writes: commits that notify wait for each other. */
export const notifyOfEvents = (db: Db): Promise<never[]> => notify.all(db, {});
