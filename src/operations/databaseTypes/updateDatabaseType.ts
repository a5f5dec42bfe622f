import { changeDetails, differingMembers } from '../../domain/changes';
import { inDocumentOrder, invalid } from '../../domain/errors';
import { checkDatabaseType } from '../../domain/types/databaseType';
import { applyDatabaseTypePatch } from '../../domain/types/definition';
import { updateDatabaseTypeRow } from '../../store/databaseTypes';
import { type Handler, single } from '../handler';
import { lockedType } from '../typeCommands/owner';
import { databaseTypeOwner } from './commandOwner';
import { settingsOf } from './definition';
import { toDatabaseType } from './view';

export const updateDatabaseType: Handler<'updateDatabaseType'> = async (request, { tx, audit }) => {
  const row = await lockedType(databaseTypeOwner, tx, request.path.id);
  const patch = request.body();
  const before = settingsOf(row);
  const after = applyDatabaseTypePatch(before, patch);
  const asked = {
    connectionFields: patch.connectionFields,
    backupCommand: patch.backupCommand === undefined ? undefined : after.backupCommand,
    restoreCommand: patch.restoreCommand === undefined ? undefined : after.restoreCommand,
  };
  const issues = checkDatabaseType(asked, { ...before, commands: row.commands });
  if (issues.length > 0) throw invalid(inDocumentOrder(issues, patch));
  request.precondition(row.version, () => toDatabaseType(row));

  const changed = differingMembers(before, after);
  if (changed.length === 0) return single('databaseType', toDatabaseType(row), row.version);
  const saved = await updateDatabaseTypeRow(tx, { id: row.id, is_customized: row.source === 'shipped' }, after);
  await audit({
    action: 'update',
    resourceType: 'database_type',
    resourceId: row.id,
    resourceName: row.name,
    details: changeDetails(before, after, changed),
  });
  return single('databaseType', toDatabaseType(saved), saved.version);
};
