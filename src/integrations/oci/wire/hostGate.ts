import type { HostLedger } from '../hostLedger';

export type { HostLedger, HostNote, HostStanding } from '../hostLedger';

/** At most so many requests at a time to one host; those who wait take turns by their key. */
export interface HostGate {
  /** Waits for a place; the function that is returned gives it back. Rejects with the signal's reason. */
  enter(host: string, key: string, signal?: AbortSignal): Promise<() => void>;
  close(): Promise<void>;
}

export interface HostGateOptions {
  /** Asked whenever one is taken: it may change. */
  slots(): number;
  ledger: HostLedger;
  /** A slot is given back after this time although others wait here, so that other processes get their share. */
  handOverMs: number;
  /** Slots of a process that was killed are free after this time. */
  leaseMs?: number;
  /** Before asking again for a slot when all are taken; also how long a slot that was handed over is left to others. */
  pollMs?: number;
  /** A slot is kept this long when nobody wants it: requests often come one after the other. */
  lingerMs?: number;
}

interface Waiter {
  admit(leave: () => void): void;
  refuse(error: unknown): void;
}

interface Lease {
  id: string;
  takenAt: number;
  busy: boolean;
  lost: boolean;
  renewal: NodeJS.Timeout;
  linger: NodeJS.Timeout | undefined;
}

interface Place {
  host: string;
  /** In the order of turns: who was served goes to the end. */
  waiting: Map<string, Waiter[]>;
  leases: Set<Lease>;
  taking: boolean;
  /** No slot is taken before. */
  restUntil: number;
  wake: NodeJS.Timeout | undefined;
}

/** A gate over a ledger: takes slots as they are needed and uses each for many requests. */
export function createHostGate(options: HostGateOptions): HostGate {
  const { slots, ledger, handOverMs, leaseMs = 10_000, pollMs = 50, lingerMs = 100 } = options;
  const places = new Map<string, Place>();
  const releases = new Set<Promise<void>>();

  function placeOf(host: string): Place {
    let place = places.get(host);
    if (!place) {
      place = { host, waiting: new Map(), leases: new Set(), taking: false, restUntil: 0, wake: undefined };
      places.set(host, place);
    }
    return place;
  }

  function enter(host: string, key: string, signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const place = placeOf(host);
      const settled = () => signal?.removeEventListener('abort', onAbort);
      const waiter: Waiter = {
        admit: (leave) => {
          settled();
          resolve(leave);
        },
        refuse: (error) => {
          settled();
          reject(error);
        },
      };
      const onAbort = () => {
        withdraw(place, key, waiter);
        waiter.refuse(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const line = place.waiting.get(key);
      if (line) line.push(waiter);
      else place.waiting.set(key, [waiter]);
      serve(place);
    });
  }

  /** Gives free slots to those who wait, and takes another one when that is not enough. */
  function serve(place: Place): void {
    for (const lease of place.leases) {
      if (lease.busy) continue;
      const waiter = nextInTurn(place);
      if (!waiter) break;
      clearTimeout(lease.linger);
      lease.busy = true;
      waiter.admit(once(() => leave(place, lease)));
    }
    if (place.waiting.size === 0 || place.taking || place.leases.size >= slots()) return;
    const rest = place.restUntil - Date.now();
    if (rest > 0) wakeAfter(place, rest);
    else take(place);
  }

  function take(place: Place): void {
    place.taking = true;
    ledger.takeSlot(place.host, slots(), leaseMs).then(
      (id) => {
        place.taking = false;
        if (id === null) return wakeAfter(place, pollMs);
        place.leases.add(leaseOf(place, id));
        serve(place);
        if (place.waiting.size === 0) lingerAll(place);
      },
      (error) => {
        place.taking = false;
        for (let waiter = nextInTurn(place); waiter; waiter = nextInTurn(place)) waiter.refuse(error);
      },
    );
  }

  function leaseOf(place: Place, id: string): Lease {
    const renew = () =>
      ledger.renewSlot(place.host, id, leaseMs).then(
        (isOurs) => {
          if (!isOurs) lease.lost = true;
        },
        // The ledger cannot be reached: the lease runs out by itself unless the next renewal succeeds.
        () => {},
      );
    const lease: Lease = {
      id,
      takenAt: Date.now(),
      busy: false,
      lost: false,
      renewal: setInterval(renew, leaseMs / 2).unref(),
      linger: undefined,
    };
    return lease;
  }

  function leave(place: Place, lease: Lease): void {
    lease.busy = false;
    if (lease.lost || place.leases.size > slots() || Date.now() - lease.takenAt >= handOverMs) {
      if (!lease.lost) place.restUntil = Date.now() + pollMs * 1.2;
      giveBack(place, lease);
    }
    serve(place);
    if (place.waiting.size === 0) lingerAll(place);
  }

  function lingerAll(place: Place): void {
    for (const lease of place.leases) {
      if (lease.busy) continue;
      clearTimeout(lease.linger);
      lease.linger = setTimeout(() => giveBack(place, lease), lingerMs).unref();
    }
  }

  function giveBack(place: Place, lease: Lease): void {
    clearInterval(lease.renewal);
    clearTimeout(lease.linger);
    place.leases.delete(lease);
    if (!lease.lost) {
      // A slot that cannot be given back runs out.
      const release: Promise<void> = ledger
        .releaseSlot(place.host, lease.id)
        .catch(() => {})
        .finally(() => releases.delete(release));
      releases.add(release);
    }
    if (place.leases.size === 0 && place.waiting.size === 0 && !place.taking) places.delete(place.host);
  }

  function wakeAfter(place: Place, ms: number): void {
    clearTimeout(place.wake);
    place.wake = setTimeout(() => serve(place), ms * (0.8 + Math.random() * 0.4)).unref();
  }

  return {
    enter,
    async close() {
      for (const place of places.values()) {
        clearTimeout(place.wake);
        for (let waiter = nextInTurn(place); waiter; waiter = nextInTurn(place))
          waiter.refuse(new Error('The client was closed.'));
        for (const lease of place.leases) giveBack(place, lease);
      }
      await Promise.all(releases);
    },
  };
}

function nextInTurn(place: Place): Waiter | undefined {
  const [key] = place.waiting.keys();
  if (key === undefined) return undefined;
  const line = place.waiting.get(key) ?? [];
  const waiter = line.shift();
  place.waiting.delete(key);
  if (line.length > 0) place.waiting.set(key, line);
  return waiter;
}

function withdraw(place: Place, key: string, waiter: Waiter): void {
  const line = place.waiting.get(key)?.filter((other) => other !== waiter) ?? [];
  if (line.length > 0) place.waiting.set(key, line);
  else place.waiting.delete(key);
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
