import { sql } from 'kysely';
import { uuidv7 } from 'uuidv7';
import type { Database } from './database';
import { statement } from './statement';

interface SlotOf {
  host: string;
  holder: string;
}

const take = statement<SlotOf & { slots: number; leaseMs: number }, { slot: number }>(
  (_, v) => sql<{ slot: number }>`
  update registry_slots set holder = ${v.holder}, expires_at = now() + ${v.leaseMs}::float8 * interval '1 ms'
  where host = ${v.host} and slot = (
    select slot from registry_slots where host = ${v.host} and slot <= ${v.slots}::int and expires_at <= now()
    order by slot limit 1 for update skip locked)
  returning slot`,
);
const makeSlots = statement<{ host: string; slots: number; holder: string }, { slot: number }>(
  (_, v) => sql<{ slot: number }>`
  insert into registry_slots (host, slot, holder, expires_at)
  select ${v.host}, slot, ${v.holder}, '-infinity' from generate_series(1, ${v.slots}::int) slot
  on conflict do nothing returning slot`,
);
const renew = statement<SlotOf & { leaseMs: number }, { slot: number }>(
  (_, v) => sql<{ slot: number }>`
  update registry_slots set expires_at = now() + ${v.leaseMs}::float8 * interval '1 ms'
  where host = ${v.host} and holder = ${v.holder} and expires_at > now() returning slot`,
);
const release = statement<SlotOf, never>(
  (_, v) => sql<never>`
  update registry_slots set expires_at = '-infinity' where host = ${v.host} and holder = ${v.holder}`,
);

interface StandingRow {
  paused_until: string | null;
  pause_reason: string | null;
  rate_limit: number | null;
  rate_remaining: number | null;
  rate_reset_at: string | null;
}
const standing = statement<{ host: string }, StandingRow>((db, v) =>
  db
    .selectFrom('registry_hosts')
    .select(['paused_until', 'pause_reason', 'rate_limit', 'rate_remaining', 'rate_reset_at'])
    .where('host', '=', v.host),
);

interface NoteValues {
  host: string;
  pausedUntil: string | null;
  pauseReason: string | null;
  limit: number | null;
  remaining: number | null;
  resetAt: string | null;
  resetGiven: boolean;
}
const note = statement<NoteValues, never>(
  (_, v) => sql<never>`
  insert into registry_hosts as known (host, paused_until, pause_reason, rate_limit, rate_remaining, rate_reset_at)
  values (${v.host}, ${v.pausedUntil}::timestamptz, ${v.pauseReason}, ${v.limit}::int, ${v.remaining}::int, ${v.resetAt}::timestamptz)
  on conflict (host) do update set
    pause_reason = case when excluded.paused_until >= coalesce(known.paused_until, '-infinity')
      then excluded.pause_reason else known.pause_reason end,
    paused_until = greatest(known.paused_until, excluded.paused_until),
    rate_limit = coalesce(excluded.rate_limit, known.rate_limit),
    rate_remaining = coalesce(excluded.rate_remaining, known.rate_remaining),
    rate_reset_at = case when ${v.resetGiven}::boolean then excluded.rate_reset_at else known.rate_reset_at end,
    updated_at = now()`,
);

const dateOf = (text: string | null | undefined): Date | null => (text ? new Date(text) : null);

/**
 * What all replicas know together of the hosts that they talk to: who may send now, and what the hosts asked for. A slot
 * is known by its holder's id; one whose holder died comes back when its lease ends.
 */
export function registryHostLedger({ db, transact }: Pick<Database, 'db' | 'transact'>) {
  return {
    takeSlot: (host: string, slots: number, leaseMs: number): Promise<string | null> =>
      transact(async (tx) => {
        const holder = uuidv7();
        const values = { host, slots, leaseMs, holder };
        if (await take.first(tx, values)) return holder;
        // Rows are missing for a host that is new, and after a crash of the database.
        const isMade = (await makeSlots.first(tx, values)) !== undefined;
        return isMade && (await take.first(tx, values)) ? holder : null;
      }),
    renewSlot: (host: string, holder: string, leaseMs: number): Promise<boolean> =>
      transact(async (tx) => (await renew.first(tx, { host, holder, leaseMs })) !== undefined),
    releaseSlot: (host: string, holder: string): Promise<void> =>
      transact(async (tx) => void (await release.all(tx, { host, holder }))),
    async standing(host: string) {
      const row = await standing.first(db, { host });
      return {
        pausedUntil: dateOf(row?.paused_until),
        pauseReason: row?.pause_reason ?? null,
        limit: row?.rate_limit ?? null,
        remaining: row?.rate_remaining ?? null,
        resetAt: dateOf(row?.rate_reset_at),
      };
    },
    note: (host: string, seen: HostNote): Promise<void> =>
      transact(async (tx) => {
        await note.all(tx, {
          host,
          pausedUntil: seen.pausedUntil?.toISOString() ?? null,
          pauseReason: seen.pauseReason ?? null,
          limit: seen.limit ?? null,
          remaining: seen.remaining ?? null,
          resetAt: seen.resetAt?.toISOString() ?? null,
          resetGiven: seen.resetAt !== undefined,
        });
      }),
  };
}

interface HostNote {
  pausedUntil?: Date;
  pauseReason?: string;
  limit?: number;
  remaining?: number;
  resetAt?: Date | null;
}
