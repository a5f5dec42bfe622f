import type { EventType } from './event';
import { formatPosition, type Gap, type Position } from './position';

/** The text of event streams: https://html.spec.whatwg.org/multipage/server-sent-events.html */

/** Lines of one field each; a line break inside a value begins another line of the same field. */
const field = (name: string, value: string): string =>
  value
    .split(/\r\n|\r|\n/)
    .map((line) => `${name}: ${line}\n`)
    .join('');

/** The first frame: when to come again after a cut, and the id to come again with. */
export const openingFrame = (retryMs: number, position: Position): string =>
  `${field('retry', String(retryMs))}${field('id', formatPosition(position))}\n`;

/** An event of the log. */
export const eventFrame = ({ position, type, data }: { position: Position; type: EventType; data: string }): string =>
  `${field('id', formatPosition(position))}${field('event', type)}${field('data', data)}\n`;

/** Tells that events are missing between what the client saw last and what follows. */
export const resetFrame = (position: Position, reason: Gap): string =>
  `${field('id', formatPosition(position))}${field('event', 'reset')}${field('data', JSON.stringify({ reason }))}\n`;

/**
 * A comment against silence. Its id makes no event, but a client that has seen nothing for an hour because nothing
 * concerned it then comes again with an id that is not an hour old.
 */
export const heartbeatFrame = (position: Position): string => `:\n${field('id', formatPosition(position))}\n`;
