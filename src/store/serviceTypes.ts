import type { Selectable } from 'kysely';
import type { ServiceTypes, TypeCommands } from '../../generated/database';

export type TypeCommandRow = Selectable<TypeCommands>;

/** A service type with its commands in order, and the number of services that have it. */
export type ServiceTypeRow = Selectable<ServiceTypes> & { commands: TypeCommandRow[]; service_count: number };
