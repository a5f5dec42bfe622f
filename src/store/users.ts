import type { Selectable } from 'kysely';
import type { Users } from '../../generated/database';
import type { Db } from './database';
import { statement } from './statement';
import { sql } from 'kysely';

export type UserRow = Selectable<Users>;

const byEmail = statement<{ email: string }, UserRow>((db, { email }) =>
  db.selectFrom('users').selectAll().where(sql<boolean>`lower(email) = lower(${email})`),
);

/** The user with an address, in any letter case. */
export const findUserByEmail = (db: Db, email: string): Promise<UserRow | undefined> => byEmail.first(db, { email });
