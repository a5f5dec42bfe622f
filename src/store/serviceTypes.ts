import { type Kysely, type Selectable, sql } from 'kysely';
import type { DB, ServiceTypes } from '../../generated/database';
import type { Db } from './database';
import { statement } from './statement';
import { commandsOf, type TypeCommandRow } from './typeCommands';

/** A service type with its commands in order and the number of services that are of it. */
export type ServiceTypeRow = Selectable<ServiceTypes> & { commands: TypeCommandRow[]; service_count: number };

const serviceCount = sql<number>`(select count(*) from services where service_type_id = service_types.id)`;
const whole = (db: Kysely<DB>) =>
  db
    .selectFrom('service_types')
    .selectAll('service_types')
    .select([commandsOf('service_type_id', 'service_types.id').as('commands'), serviceCount.as('service_count')]);

const byId = statement<{ id: string }, ServiceTypeRow>((db, { id }) => whole(db).where('service_types.id', '=', id));

/** One type, or undefined. */
export const findServiceType = (db: Db, id: string): Promise<ServiceTypeRow | undefined> => byId.first(db, { id });
