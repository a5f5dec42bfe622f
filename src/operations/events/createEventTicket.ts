import { hashEventTicket, newEventTicket } from '../../auth/eventTickets';
import { Problem } from '../../domain/errors';
import { insertEventTicket } from '../../store/eventTickets';
import { type Handler, json } from '../handler';

const ttlSeconds = 60;

export const createEventTicket: Handler<'createEventTicket'> = async (request, { tx, principal }) => {
  request.body();
  const ticket = newEventTicket();
  const expiresAt = await insertEventTicket(tx, hashEventTicket(ticket), principal.credential, ttlSeconds);
  if (expiresAt === undefined) {
    throw new Problem('unauthorized', { message: 'This token was revoked meanwhile.', hint: 'Log in again.' });
  }
  return json({ ticket, expiresAt });
};
