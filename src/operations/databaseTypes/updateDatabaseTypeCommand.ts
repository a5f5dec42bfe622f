import type { Handler } from '../handler';
import { updateCommand } from '../typeCommands/updateCommand';
import { databaseTypeOwner } from './commandOwner';

export const updateDatabaseTypeCommand: Handler<'updateDatabaseTypeCommand'> = updateCommand(databaseTypeOwner);
