import { checkCommandTemplate } from '../../domain/types/commandTemplate';
import { type DatabaseTypeRow, findDatabaseType, lockDatabaseType, touchDatabaseType } from '../../store/databaseTypes';
import { databaseTypeCommands } from '../../store/typeCommands';
import type { CommandOwner } from '../typeCommands/owner';
import { settingsOf } from './definition';

/** Commands of database types are templates over the fields of their type. */
export const databaseTypeOwner: CommandOwner<DatabaseTypeRow> = {
  noun: 'database type',
  resourceType: 'database_type',
  path: '/api/settings/database-types',
  commands: databaseTypeCommands,
  find: findDatabaseType,
  lock: lockDatabaseType,
  touch: touchDatabaseType,
  commandIssues: (type, command) =>
    checkCommandTemplate(command, { fields: settingsOf(type).connectionFields, field: 'command' }),
};
