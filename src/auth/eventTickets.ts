import { createHash, randomBytes } from 'node:crypto';
import type { Principal } from '../domain/access/principal';
import type { Database } from '../store/database';
import { takeEventTicket } from '../store/eventTickets';
import type { Authenticator } from './authenticator';
import type { Refusal } from './refusal';

const prefix = 'ptl_tkt_';
const form = /^ptl_tkt_[A-Za-z0-9_-]{43}$/;

/** A new ticket for one event stream: 256 random bits, of which only the hash is stored. */
export const newEventTicket = (): string => prefix + randomBytes(32).toString('base64url');

/** What is stored of a ticket: SHA-256, as of an API token. */
export const hashEventTicket = (ticket: string): Buffer => createHash('sha256').update(ticket).digest();

export type RedeemTicket = (ticket: string) => Promise<Principal | Refusal>;

/** Tickets are for one use: whoever presents one, it is gone afterwards. The principal is that of its credential, as it is now. */
export const ticketRedeemer =
  (database: Database, authenticator: Authenticator): RedeemTicket =>
  async (ticket) => {
    if (!form.test(ticket)) return 'ticket';
    const credential = await database.transact((tx) => takeEventTicket(tx, hashEventTicket(ticket)));
    if (!credential) return 'ticket';
    const verdict = (await authenticator.look([credential])).get(credential) ?? 'unknown';
    return typeof verdict === 'string' ? verdict : verdict.principal;
  };
