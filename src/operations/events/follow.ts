import type { Principal } from '../../domain/access/principal';
import { type EventWishes, isOnStream } from '../../domain/events/event';
import { eventFrame, heartbeatFrame, openingFrame, resetFrame } from '../../domain/events/frame';
import { comparePositions, type Gap, type Position } from '../../domain/events/position';
import type { EventFeed } from '../../store/eventFeed';
import type { LogPage, StoredEvent } from '../../store/events';
import type { Stream, StreamSink } from '../handler';

/** Clients come again after two to four seconds: not all of a stopped process at once. */
const retryMs = () => 2000 + Math.floor(Math.random() * 2000);

/** Frames are the same on each stream, so each is made once. */
const frames = new WeakMap<StoredEvent, string>();
function frameOf(event: StoredEvent): string {
  let frame = frames.get(event);
  if (frame === undefined) {
    frame = eventFrame(event);
    frames.set(event, frame);
  }
  return frame;
}

export interface Following {
  feed: EventFeed;
  principal: Principal;
  wishes: EventWishes;
  start: { position: Position; gap: Gap | null };
  /** false: it is over where the log ends. */
  stay: boolean;
}

/** One client on the log: first through what it has missed, at its own pace, then at the end with all others. */
export function follow({ feed, principal: first, wishes, start, stay }: Following, sink: StreamSink): Stream {
  let { position } = start;
  let principal = first;
  let closed = false;

  /** What a page has for this client; false when the client is behind with reading. */
  const send = (page: LogPage): boolean => {
    const missed = comparePositions(page.begin, position) > 0;
    const seen = missed ? page.begin : position;
    position = comparePositions(page.end, seen) > 0 ? page.end : seen;
    const text = page.events
      .filter((event) => comparePositions(event.position, seen) > 0 && isOnStream(principal, wishes, event))
      .map(frameOf);
    if (missed) text.unshift(resetFrame(seen, 'too_old'));
    return text.length === 0 || sink.write(text.join(''));
  };

  const follower = {
    deliver(page: LogPage) {
      if (send(page)) return;
      // It need not keep pace with the others: from here on it reads the log by itself until it is back at the end.
      feed.leave(follower);
      void sink.drained().then(catchUp);
    },
  };

  /** A database that goes away ends the stream; the client comes again, and goes on where it was. */
  const catchUp = async () => {
    try {
      while (!closed) {
        const page = await feed.read(position);
        if (closed) return;
        if (!send(page)) await sink.drained();
        else if (page.more) continue;
        else if (!stay) return sink.end();
        else if (feed.join(position, follower)) return;
      }
    } catch {
      sink.end();
    }
  };

  sink.write(openingFrame(retryMs(), position) + (start.gap ? resetFrame(position, start.gap) : ''));
  void catchUp();
  return {
    admit(now) {
      principal = now;
    },
    beat: () => void sink.write(heartbeatFrame(position)),
    close() {
      closed = true;
      feed.leave(follower);
    },
  };
}
