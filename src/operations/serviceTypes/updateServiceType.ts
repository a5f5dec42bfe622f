import { changeDetails } from '../../domain/changes';
import { updateServiceTypeRow } from '../../store/serviceTypes';
import { type Handler, single } from '../handler';
import { lockedType } from '../typeCommands/owner';
import { serviceTypeOwner } from './commandOwner';
import { toServiceType } from './view';

export const updateServiceType: Handler<'updateServiceType'> = async (request, { tx, audit }) => {
  const row = await lockedType(serviceTypeOwner, tx, request.path.id);
  const { displayName = row.display_name } = request.body();
  request.precondition(row.version, () => toServiceType(row));

  if (displayName === row.display_name) return single('serviceType', toServiceType(row), row.version);
  const saved = await updateServiceTypeRow(tx, {
    id: row.id,
    display_name: displayName,
    is_customized: row.source === 'shipped',
  });
  await audit({
    action: 'update',
    resourceType: 'service_type',
    resourceId: row.id,
    resourceName: row.name,
    details: changeDetails({ displayName: row.display_name }, { displayName }, ['displayName']),
  });
  return single('serviceType', toServiceType(saved), saved.version);
};
