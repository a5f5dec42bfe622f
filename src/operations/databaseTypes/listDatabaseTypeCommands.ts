import type { Handler } from '../handler';
import { listCommands } from '../typeCommands/listCommands';
import { databaseTypeOwner } from './commandOwner';

export const listDatabaseTypeCommands: Handler<'listDatabaseTypeCommands'> = listCommands(databaseTypeOwner);
