import type { Handler } from '../handler';
import { reorderCommands } from '../typeCommands/reorderCommands';
import { databaseTypeOwner } from './commandOwner';
import { toDatabaseType } from './view';

export const reorderDatabaseTypeCommands: Handler<'reorderDatabaseTypeCommands'> = reorderCommands(
  databaseTypeOwner,
  toDatabaseType,
);
