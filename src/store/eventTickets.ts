import { sql } from 'kysely';
import type { Tx } from './database';
import { statement } from './statement';

/** A login or an API token, by its id. */
export interface CredentialReference {
  kind: 'login' | 'apiToken';
  id: string;
}

interface NewTicket {
  hash: Buffer;
  id: string;
  ttlSeconds: number;
}

// The credential is held until the commit, so that none is given out for one that ends at the same time.
const forLogin = statement<NewTicket, { expires_at: string }>(
  (_, { hash, id, ttlSeconds }) => sql<{ expires_at: string }>`
    insert into event_tickets (ticket_hash, login_id, expires_at)
    select ${hash}, id, now() + make_interval(secs => ${ttlSeconds}) from logins where id = ${id} for key share
    returning expires_at`,
);
const forApiToken = statement<NewTicket, { expires_at: string }>(
  (_, { hash, id, ttlSeconds }) => sql<{ expires_at: string }>`
    insert into event_tickets (ticket_hash, api_token_id, expires_at)
    select ${hash}, id, now() + make_interval(secs => ${ttlSeconds}) from api_tokens
    where id = ${id} and revoked_at is null for key share
    returning expires_at`,
);

/** Keeps a ticket for a credential; gives when it runs out, or undefined when the credential is gone. */
export async function insertEventTicket(
  tx: Tx,
  hash: Buffer,
  { kind, id }: CredentialReference,
  ttlSeconds: number,
): Promise<string | undefined> {
  return (await (kind === 'login' ? forLogin : forApiToken).first(tx, { hash, id, ttlSeconds }))?.expires_at;
}

const take = statement<{ hash: Buffer }, { login_id: string | null; api_token_id: string | null; alive: boolean }>(
  (db, { hash }) =>
    db
      .deleteFrom('event_tickets')
      .where('ticket_hash', '=', hash)
      .returning(['login_id', 'api_token_id', sql<boolean>`expires_at > now()`.as('alive')]),
);

/** Takes a ticket away for good, and gives the credential that it stands for; undefined for one that is unknown or too old. */
export async function takeEventTicket(tx: Tx, hash: Buffer): Promise<CredentialReference | undefined> {
  const row = await take.first(tx, { hash });
  if (!row?.alive) return undefined;
  if (row.login_id !== null) return { kind: 'login', id: row.login_id };
  return row.api_token_id === null ? undefined : { kind: 'apiToken', id: row.api_token_id };
}

const expire = statement<Record<never, never>, never>(
  (db) => db.deleteFrom('event_tickets').where('expires_at', '<', sql<string>`now()`) as never,
);

/** Deletes tickets that nobody used in time. */
export const deleteExpiredTickets = (tx: Tx): Promise<never[]> => expire.all(tx, {});
