import {
  type DatabaseTypeDefinition,
  type DatabaseTypePatch,
  type DatabaseTypeSettings,
  databaseTypeSettings,
} from '../../domain/types/definition';
import type { DatabaseTypeRow } from '../../store/databaseTypes';
import { commandDefinitionOf } from '../typeCommands/owner';

/** What a user sets on a stored type; member by member, since jsonb keeps no order and may hold more. */
export const settingsOf = (row: DatabaseTypeRow): DatabaseTypeSettings =>
  databaseTypeSettings({
    displayName: row.display_name,
    connectionFields: row.connection_fields as unknown as NonNullable<DatabaseTypePatch['connectionFields']>,
    backupCommand: row.backup_command,
    restoreCommand: row.restore_command,
    defaultPort: row.default_port,
    monitoring: row.monitoring as unknown as DatabaseTypePatch['monitoring'],
  });

/** A stored type as its file would say it. */
export const definitionOf = (row: DatabaseTypeRow): DatabaseTypeDefinition => ({
  name: row.name,
  ...settingsOf(row),
  commands: row.commands.map(commandDefinitionOf),
});
