import { startOf } from '../../domain/events/position';
import type { Handler } from '../handler';
import { follow } from './follow';

export const streamEvents: Handler<'streamEvents'> = async (request, { principal, events: feed }) => {
  const { environmentId, types, lastEventId, follow: stay = true } = request.query();
  // A browser that comes again sends the header with the id that it saw last, and the address that it was opened with.
  const start = startOf(request.header('last-event-id') || lastEventId, await feed.bounds());
  const wishes = {
    environmentIds: environmentId && new Set(environmentId.map((id) => id.toLowerCase())),
    types: types && new Set(types),
  };
  return {
    stream: {
      contentType: 'text/event-stream; charset=utf-8',
      start: (sink) => follow({ feed, principal, wishes, start, stay }, sink),
    },
  };
};
