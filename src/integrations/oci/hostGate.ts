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
