import type { Handler } from '../handler';
import { deleteCommand } from '../typeCommands/deleteCommand';
import { databaseTypeOwner } from './commandOwner';

export const deleteDatabaseTypeCommand: Handler<'deleteDatabaseTypeCommand'> = deleteCommand(databaseTypeOwner);
