import type { ServiceTypeDefinition } from '../../domain/types/definition';
import type { ServiceTypeRow } from '../../store/serviceTypes';
import { commandDefinitionOf } from '../typeCommands/owner';

/** A stored type as its file would say it. */
export const definitionOf = (row: ServiceTypeRow): ServiceTypeDefinition => ({
  name: row.name,
  displayName: row.display_name,
  commands: row.commands.map(commandDefinitionOf),
});
