import { deleteDatabaseTypeRow } from '../../store/databaseTypes';
import { type Handler, noContent } from '../handler';
import { lockedType } from '../typeCommands/owner';
import { databaseTypeOwner } from './commandOwner';
import { toDatabaseType } from './view';

export const deleteDatabaseType: Handler<'deleteDatabaseType'> = async (request, { tx, audit }) => {
  const row = await lockedType(databaseTypeOwner, tx, request.path.id);
  request.precondition(row.version, () => toDatabaseType(row));
  await deleteDatabaseTypeRow(tx, row.id);
  await audit({ action: 'delete', resourceType: 'database_type', resourceId: row.id, resourceName: row.name });
  return noContent();
};
