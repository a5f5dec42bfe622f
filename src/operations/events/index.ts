export { createEventTicket } from './createEventTicket';
export { streamEvents } from './streamEvents';
