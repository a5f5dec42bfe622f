import { LRUCache } from 'lru-cache';
import type { SystemSettings } from '../../domain/settings/systemSettings';
import type { Listing } from '../../integrations/oci/client';

/** Up to how many entries a live list is read. */
export const mostListed = ({ registryMaxTags }: Pick<SystemSettings, 'registryMaxTags'>): number => registryMaxTags * 10;

/** Reads a whole list; the signal ends when nobody waits for it any more. */
type Load<T> = (signal: AbortSignal) => Promise<Listing<T>>;

interface Reading {
  listing: Promise<Listing<unknown>>;
  waiting: number;
  controller: AbortController;
  timer: NodeJS.Timeout;
}

/**
 * Lists of registries, as they were within the last minute. Whoever asks for one that is being read waits for that
 * reading; it is given up when the last of them is gone. What failed is not kept.
 */
export class LiveLists {
  private readonly kept: LRUCache<string, Listing<unknown>>;
  private readonly readings = new Map<string, Reading>();

  /** Ends before those who wait must be answered, so that they get what was read until then. */
  private readonly readMs: number;

  constructor({ ttlMs = 60_000, mostEntries = 200_000, readMs = 25_000 } = {}) {
    this.readMs = readMs;
    this.kept = new LRUCache({
      ttl: ttlMs,
      maxSize: mostEntries,
      sizeCalculation: ({ entries }) => entries.length + 1,
    });
  }

  /** The list under a key: as kept, as being read, or read now. Ends with the signal at the latest. */
  async read<T>(key: string, signal: AbortSignal, load: Load<T>): Promise<Listing<T>> {
    const kept = this.kept.get(key) as Listing<T> | undefined;
    if (kept) return kept;
    signal.throwIfAborted();
    const reading = this.readings.get(key) ?? this.begin(key, load);
    reading.waiting++;
    try {
      return (await endingWith(signal, reading.listing)) as Listing<T>;
    } finally {
      reading.waiting--;
      if (reading.waiting === 0) this.giveUp(key, reading, signal.reason);
    }
  }

  private begin<T>(key: string, load: Load<T>): Reading {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new DOMException('The time is over.', 'TimeoutError')), this.readMs);
    const listing = load(controller.signal).then((found) => {
      this.kept.set(key, found);
      return found;
    });
    const reading: Reading = { listing, waiting: 0, controller, timer };
    this.readings.set(key, reading);
    const ended = () => {
      clearTimeout(timer);
      if (this.readings.get(key) === reading) this.readings.delete(key);
    };
    listing.then(ended, ended);
    return reading;
  }

  /** A reading that has ended is given up without effect. */
  private giveUp(key: string, reading: Reading, reason: unknown): void {
    if (this.readings.get(key) === reading) this.readings.delete(key);
    clearTimeout(reading.timer);
    reading.controller.abort(reason);
  }
}

/** A promise, or the reason of the signal if that ends first. */
function endingWith<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}
