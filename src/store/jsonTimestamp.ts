import { type RawBuilder, sql } from 'kysely';

/** A timestamp inside of JSON as the driver gives it outside. */
export const jsonTimestamp = (column: string): RawBuilder<string | null> =>
  sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
