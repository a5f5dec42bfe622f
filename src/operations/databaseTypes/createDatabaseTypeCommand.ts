import type { Handler } from '../handler';
import { createCommand } from '../typeCommands/createCommand';
import { databaseTypeOwner } from './commandOwner';

export const createDatabaseTypeCommand: Handler<'createDatabaseTypeCommand'> = createCommand(databaseTypeOwner);
