import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from './database';
import type { Keyring } from './sealing';
import { statement } from './statement';

/**
 * Every process that seals and opens values keeps a connection whose name tells which master keys it has: as the first
 * digits of the hashes of their ids, the one that seals first. Postgres cuts names to 63 bytes, so at most five are told.
 */
const head = 'portolan keys ';
const mostTold = 5;

const tagOf = (keyId: string): string => createHash('sha256').update(keyId).digest('hex').slice(0, 8);

/** The name of a connection that tells which keys its process has. */
export const keyAnnouncement = ({ currentId, keys }: Keyring): string =>
  head + [currentId, ...[...keys.keys()].filter((id) => id !== currentId)].slice(0, mostTold).map(tagOf).join(',');

/** Whether a process that announces itself so has a key; one that has more keys than are told may have it. */
export function announcesKey(announcement: string, keyId: string): boolean {
  const tags = announcement.slice(head.length).split(',');
  return tags.includes(tagOf(keyId)) || tags.length >= mostTold;
}

/** Whether a process that announces itself so seals with a key. */
export const announcesSealing = (announcement: string, keyId: string): boolean =>
  announcement.slice(head.length).split(',')[0] === tagOf(keyId);

const announced = statement<{ pattern: string }, { application_name: string }>(
  (_, v) => sql<{ application_name: string }>`
    select application_name from pg_stat_activity
    where datname = current_database() and application_name like ${v.pattern}::text`,
);

/** What the processes announce that run on this database now. */
export async function announcementsOfProcesses(db: Db): Promise<string[]> {
  return (await announced.all(db, { pattern: `${head}%` })).map((row) => row.application_name);
}
