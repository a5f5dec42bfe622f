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
}

/** One client on the log: first through what it has missed, at its own pace, then at the end with all others. */
export function follow({ feed, principal: first, wishes, start }: Following, sink: StreamSink): Stream {
  let { position } = start;
  let principal = first;
  let closed = false;

  const send = (page: LogPage): boolean => {
    const seen = position;
    if (comparePositions(page.end, position) > 0) position = page.end;
    const text = page.events
      .filter((event) => comparePositions(event.position, seen) > 0 && isOnStream(principal, wishes, event))
      .map(frameOf)
      .join('');
    return text === '' || sink.write(text);
  };
  const follower = { deliver: (page: LogPage) => void send(page) };

  const catchUp = async () => {
    for (;;) {
      const page = await feed.read(position);
      if (closed) return;
      if (!send(page)) await sink.drained();
      if (closed) return;
      if (!page.more && feed.join(position, follower)) return;
    }
  };

  sink.write(openingFrame(retryMs(), position) + (start.gap ? resetFrame(position, start.gap) : ''));
  // A database that goes away while a client catches up ends its stream; it comes again, and goes on where it was.
  void catchUp().catch(() => sink.end());
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
