import { uuidv7 } from 'uuidv7';
import { changeDetails, differingMembers } from '../../domain/changes';
import type { DatabaseTypeDefinition } from '../../domain/types/definition';
import { updateDatabaseTypeRow } from '../../store/databaseTypes';
import { databaseTypeCommands } from '../../store/typeCommands';
import { type Handler, single } from '../handler';
import { lockedType, requireShipped } from '../typeCommands/owner';
import { databaseTypeOwner } from './commandOwner';
import { definitionOf } from './definition';
import { toDatabaseType } from './view';

export const resetDatabaseType: Handler<'resetDatabaseType'> = async (request, { tx, audit }) => {
  const row = await lockedType(databaseTypeOwner, tx, request.path.id);
  request.precondition(row.version, () => toDatabaseType(row));
  requireShipped(row);

  const before = definitionOf(row);
  const after = row.shipped_definition as unknown as DatabaseTypeDefinition;
  const changed = differingMembers(before, after);
  if (changed.length === 0 && !row.is_customized) return single('databaseType', toDatabaseType(row), row.version);
  await databaseTypeCommands.replace(
    tx,
    row.id,
    after.commands.map((command) => ({ ...command, id: uuidv7() })),
  );
  const saved = await updateDatabaseTypeRow(tx, { id: row.id, is_customized: false }, after);
  await audit({
    action: 'reset',
    resourceType: 'database_type',
    resourceId: row.id,
    resourceName: row.name,
    details: changeDetails(before, after, changed),
  });
  return single('databaseType', toDatabaseType(saved), saved.version);
};
