import { inUse } from '../../domain/errors';
import { deleteServiceTypeRow, servicesOfType } from '../../store/serviceTypes';
import { type Handler, noContent } from '../handler';
import { lockedType } from '../typeCommands/owner';
import { serviceTypeOwner } from './commandOwner';
import { toServiceType } from './view';

export const deleteServiceType: Handler<'deleteServiceType'> = async (request, { tx, audit }) => {
  const row = await lockedType(serviceTypeOwner, tx, request.path.id);
  request.precondition(row.version, () => toServiceType(row));

  const users = await servicesOfType(tx, row.id);
  if (users.length > 0) {
    const references = users.map(({ type, id, name }) => ({ type, id, name }));
    const hint = 'Give these services another type, or clear their serviceTypeId.';
    throw inUse('Services are of this type.', references, users[0]?.total ?? 0, hint);
  }
  await deleteServiceTypeRow(tx, row.id);
  await audit({ action: 'delete', resourceType: 'service_type', resourceId: row.id, resourceName: row.name });
  return noContent();
};
