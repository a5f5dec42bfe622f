import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { TypeCommands } from '../../generated/database';

/** A command of a service type or of a database type: exactly one of the two owner columns is set. */
export type TypeCommandRow = Selectable<TypeCommands>;

/** The column that names the owner of a command. */
export type OwnerColumn = 'service_type_id' | 'database_type_id';

/** A timestamp inside of JSON as the driver gives it outside. */
const timestamp = (column: string) =>
  sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The commands of the type that `ownerId` names, in order, as one JSON column. */
export const commandsOf = (column: OwnerColumn, ownerId: string): RawBuilder<TypeCommandRow[]> => sql<TypeCommandRow[]>`(
  select coalesce(json_agg(json_build_object(
    'id', c.id, 'service_type_id', c.service_type_id, 'database_type_id', c.database_type_id, 'name', c.name,
    'display_name', c.display_name, 'command', c.command, 'description', c.description, 'sort_order', c.sort_order,
    'version', c.version, 'created_at', ${timestamp('c.created_at')}, 'updated_at', ${timestamp('c.updated_at')}
  ) order by c.sort_order, c.id), '[]')
  from type_commands c where c.${sql.ref(column)} = ${sql.ref(ownerId)})`;
