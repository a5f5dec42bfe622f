import { comparePositions, type LogBounds, type Position } from '../domain/events/position';
import type { Db } from './database';
import { eventLogBounds, type LogPage, notifyOfEvents, readEvents } from './events';
import { type Subscription, subscribe } from './notifications';

/** Whoever follows the end of the log. */
export interface Follower {
  /** Gets each page once, in order. Its first one can begin before the position that it joined at. */
  deliver(page: LogPage): void;
}

/** The log of events as one process reads it: once for all who follow it, and not at all while nobody does. */
export interface EventFeed {
  /** After a commit that recorded events: wakes the readers of all processes. Costs a timer; lost calls only cost time. */
  announce(): void;
  /** Where the log begins and ends now. */
  bounds(): Promise<LogBounds>;
  /** A page behind a position, for whoever is behind the others. */
  read(after: Position): Promise<LogPage>;
  /** Follows from a position on; false when the others are further, so that there is more to read first. */
  join(position: Position, follower: Follower): boolean;
  leave(follower: Follower): void;
  close(): Promise<void>;
}

export interface EventFeedOptions {
  db: Db;
  /** For the connection that hears of new events; open only while somebody follows. */
  connectionString: string;
  /** How long announcements of one process are gathered. */
  announceMs?: number;
  /** How often is looked without having heard anything: a process may die between its commit and its announcement. */
  pollMs?: number;
  /** How often, while committed events wait for an older transaction. */
  heldPollMs?: number;
}

/** Between two announcements of one process: each makes commits of others wait, which many writes would feel. */
const busyAnnounceMs = 250;

/** Nothing is connected or read before somebody follows. */
export function createEventFeed(options: EventFeedOptions): EventFeed {
  const { db, connectionString, announceMs = 50, pollMs = 2000, heldPollMs = 50 } = options;
  let announcement: NodeJS.Timeout | undefined;
  let announcedAtMs = Number.NEGATIVE_INFINITY;
  let reading: Reading | undefined;
  let closed = false;
  return {
    announce() {
      if (closed) return;
      const sinceLastMs = performance.now() - announcedAtMs;
      announcement ??= setTimeout(
        () => {
          announcement = undefined;
          announcedAtMs = performance.now();
          // Those who were not woken look by themselves.
          void notifyOfEvents(db).catch(() => {});
        },
        Math.max(announceMs, busyAnnounceMs - sinceLastMs),
      ).unref();
    },
    bounds: () => eventLogBounds(db),
    read: (after) => readEvents(db, after),
    join(position, follower) {
      if (reading && comparePositions(reading.at, position) > 0) return false;
      reading ??= new Reading(position, { db, connectionString, pollMs, heldPollMs });
      reading.followers.add(follower);
      return true;
    },
    leave(follower) {
      reading?.followers.delete(follower);
      if (reading?.followers.size !== 0) return;
      void reading.end();
      reading = undefined;
    },
    async close() {
      closed = true;
      clearTimeout(announcement);
      await reading?.end();
      reading = undefined;
    },
  };
}

/** The reader of a process, from the first follower to the last. */
class Reading {
  readonly followers = new Set<Follower>();
  private readonly heard: Subscription;
  private timer: NodeJS.Timeout | undefined;
  private running = false;
  private again = false;
  private ended = false;

  constructor(
    /** Everything up to here was handed out. */
    public at: Position,
    private readonly options: Required<Omit<EventFeedOptions, 'announceMs'>>,
  ) {
    this.heard = subscribe(options.connectionString, 'portolan_events', () => this.wake());
    this.wake();
  }

  private wake(): void {
    this.again = true;
    if (this.running || this.ended) return;
    this.running = true;
    clearTimeout(this.timer);
    void this.readOn().then((held) => {
      this.running = false;
      if (this.ended) return;
      if (this.again) this.wake();
      else this.timer = setTimeout(() => this.wake(), held ? this.options.heldPollMs : this.options.pollMs).unref();
    });
  }

  /** Hands out what is new; gives whether something is held back. */
  private async readOn(): Promise<boolean> {
    try {
      for (;;) {
        this.again = false;
        const page = await readEvents(this.options.db, this.at);
        if (this.ended) return false;
        this.at = page.end;
        for (const follower of this.followers) follower.deliver(page);
        if (!page.more) return page.held;
      }
    } catch {
      // The database is away. What comes meanwhile stands in the log when it is back.
      return false;
    }
  }

  async end(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.heard.close();
  }
}
