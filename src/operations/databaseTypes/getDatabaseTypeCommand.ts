import type { Handler } from '../handler';
import { getCommand } from '../typeCommands/getCommand';
import { databaseTypeOwner } from './commandOwner';

export const getDatabaseTypeCommand: Handler<'getDatabaseTypeCommand'> = getCommand(databaseTypeOwner);
