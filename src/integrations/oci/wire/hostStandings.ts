import { type HostLedger, type HostNote, type HostStanding, standingAfter } from '../hostLedger';
import { isScarce, type RateLimitNote } from './rateLimit';

/** A replica learns of a pause that another one was told within this time. */
const freshMs = 1000;

/** What is known of the hosts, without asking the ledger before each request. */
export interface HostStandings {
  of(host: string): Promise<HostStanding>;
  pause(host: string, until: Date, reason: string): Promise<void>;
  noteRateLimit(host: string, seen: RateLimitNote): Promise<void>;
}

interface Known {
  standing: Promise<HostStanding>;
  readAt: number;
  notedAt: number;
}

/** Standings of hosts, kept for a second. */
export function createHostStandings(ledger: HostLedger): HostStandings {
  const known = new Map<string, Known>();

  function read(host: string): Known {
    const entry = known.get(host);
    if (entry && Date.now() - entry.readAt < freshMs) return entry;
    // Hosts of redirects come and go.
    if (known.size > 10_000) known.clear();
    const fresh = { standing: ledger.standing(host), readAt: Date.now(), notedAt: entry?.notedAt ?? 0 };
    fresh.standing.catch(() => known.delete(host));
    known.set(host, fresh);
    return fresh;
  }

  async function note(host: string, seen: HostNote, isUrgent: boolean): Promise<void> {
    const entry = read(host);
    const before = await entry.standing;
    const after = standingAfter(before, seen);
    entry.standing = Promise.resolve(after);
    // Each answer of a host with a rate limit says something new; a write for each would cost more than the request.
    if (!isUrgent && isScarce(before) === isScarce(after) && Date.now() - entry.notedAt < freshMs) return;
    entry.notedAt = Date.now();
    await ledger.note(host, seen);
  }

  return {
    of: (host) => read(host).standing,
    pause: (host, pausedUntil, pauseReason) => note(host, { pausedUntil, pauseReason }, true),
    noteRateLimit: (host, seen) => note(host, seen, false),
  };
}
