/** What a host asked of its clients, and what is left of its rate limit. */
export interface HostStanding {
  /** Nothing is sent to the host before. */
  pausedUntil: Date | null;
  pauseReason: string | null;
  limit: number | null;
  remaining: number | null;
  resetAt: Date | null;
}

export interface HostNote {
  pausedUntil?: Date;
  pauseReason?: string;
  limit?: number;
  remaining?: number;
  resetAt?: Date | null;
}

/** What all replicas know together of the hosts that they talk to. */
export interface HostLedger {
  /** A slot of this host for `leaseMs`, or null when all are taken. */
  takeSlot(host: string, slots: number, leaseMs: number): Promise<string | null>;
  /** False when the lease ran out and the slot may be somebody else's. */
  renewSlot(host: string, lease: string, leaseMs: number): Promise<boolean>;
  releaseSlot(host: string, lease: string): Promise<void>;
  standing(host: string): Promise<HostStanding>;
  /** Members that are absent stay as they are. A pause is never shortened. */
  note(host: string, seen: HostNote): Promise<void>;
}

/** A ledger of this process alone. Its leases never run out: who holds them cannot crash without it. */
export function createLocalLedger(): HostLedger {
  const held = new Map<string, Set<string>>();
  const standings = new Map<string, HostStanding>();
  let leases = 0;
  return {
    async takeSlot(host, slots) {
      const taken = held.get(host) ?? new Set();
      if (taken.size >= slots) return null;
      const lease = `local-${++leases}`;
      held.set(host, taken.add(lease));
      return lease;
    },
    async renewSlot(host, lease) {
      return held.get(host)?.has(lease) ?? false;
    },
    async releaseSlot(host, lease) {
      const taken = held.get(host);
      taken?.delete(lease);
      if (taken?.size === 0) held.delete(host);
    },
    async standing(host) {
      return standings.get(host) ?? unknownStanding;
    },
    async note(host, seen) {
      standings.set(host, standingAfter(standings.get(host) ?? unknownStanding, seen));
    },
  };
}

export const unknownStanding: HostStanding = {
  pausedUntil: null,
  pauseReason: null,
  limit: null,
  remaining: null,
  resetAt: null,
};

/** A standing with what was noted. */
export function standingAfter(standing: HostStanding, seen: HostNote): HostStanding {
  const isLonger = seen.pausedUntil !== undefined && seen.pausedUntil > (standing.pausedUntil ?? new Date(0));
  return {
    pausedUntil: isLonger ? (seen.pausedUntil ?? null) : standing.pausedUntil,
    pauseReason: isLonger ? (seen.pauseReason ?? null) : standing.pauseReason,
    limit: seen.limit ?? standing.limit,
    remaining: seen.remaining ?? standing.remaining,
    resetAt: seen.resetAt === undefined ? standing.resetAt : seen.resetAt,
  };
}
