import type { components } from '../../../generated/contract';
import type { DatabaseTypeRow } from '../../store/databaseTypes';
import { toCommand } from '../serviceTypes/view';
import { settingsOf } from './definition';

type DatabaseType = components['schemas']['DatabaseType'];

/** What clients see of a database type. */
export function toDatabaseType(row: DatabaseTypeRow): DatabaseType {
  const settings = settingsOf(row);
  return {
    id: row.id,
    name: row.name,
    displayName: settings.displayName,
    connectionFields: settings.connectionFields,
    backupCommand: settings.backupCommand,
    restoreCommand: settings.restoreCommand,
    hasBackupCommand: settings.backupCommand !== null,
    hasRestoreCommand: settings.restoreCommand !== null,
    defaultPort: settings.defaultPort,
    monitoring: settings.monitoring,
    source: row.source as DatabaseType['source'],
    isCustomized: row.is_customized,
    commands: row.commands.map(toCommand),
    // Nothing can be of a type before databases themselves are kept.
    _count: { databases: 0 },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
