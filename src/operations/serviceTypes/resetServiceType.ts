import { uuidv7 } from 'uuidv7';
import { changeDetails, differingMembers } from '../../domain/changes';
import type { ServiceTypeDefinition } from '../../domain/types/definition';
import { updateServiceTypeRow } from '../../store/serviceTypes';
import { serviceTypeCommands } from '../../store/typeCommands';
import { type Handler, single } from '../handler';
import { lockedType, requireShipped } from '../typeCommands/owner';
import { serviceTypeOwner } from './commandOwner';
import { definitionOf } from './definition';
import { toServiceType } from './view';

export const resetServiceType: Handler<'resetServiceType'> = async (request, { tx, audit }) => {
  const row = await lockedType(serviceTypeOwner, tx, request.path.id);
  request.precondition(row.version, () => toServiceType(row));
  requireShipped(row);

  const before = definitionOf(row);
  const after = row.shipped_definition as unknown as ServiceTypeDefinition;
  const changed = differingMembers(before, after);
  if (changed.length === 0 && !row.is_customized) return single('serviceType', toServiceType(row), row.version);
  await serviceTypeCommands.replace(
    tx,
    row.id,
    after.commands.map((command) => ({ ...command, id: uuidv7() })),
  );
  const saved = await updateServiceTypeRow(tx, { id: row.id, display_name: after.displayName, is_customized: false });
  await audit({
    action: 'reset',
    resourceType: 'service_type',
    resourceId: row.id,
    resourceName: row.name,
    details: changeDetails(before, after, changed),
  });
  return single('serviceType', toServiceType(saved), saved.version);
};
