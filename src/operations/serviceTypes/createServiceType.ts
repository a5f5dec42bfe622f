import { uuidv7 } from 'uuidv7';
import { alreadyTaken, invalid } from '../../domain/errors';
import { serviceTypeDefinition } from '../../domain/types/definition';
import { checkCommandNames } from '../../domain/types/serviceType';
import { findServiceTypeByName, insertServiceType } from '../../store/serviceTypes';
import { serviceTypeCommands } from '../../store/typeCommands';
import { created, type Handler } from '../handler';
import { inOrder } from '../typeCommands/owner';
import { toServiceType } from './view';

export const createServiceType: Handler<'createServiceType'> = async (request, { tx, audit }) => {
  const body = request.body();
  const issues = checkCommandNames(body.commands ?? []);
  if (issues.length > 0) throw invalid(issues);
  const taken = await findServiceTypeByName(tx, body.name);
  if (taken) {
    const message = `There already is a service type named "${body.name}".`;
    throw alreadyTaken('name', message, { type: 'service_type', id: taken.id });
  }

  const { name, displayName, commands } = serviceTypeDefinition(body);
  const id = uuidv7();
  const row = await insertServiceType(tx, { id, name, display_name: displayName, source: 'user', shipped_definition: null });
  const added = await serviceTypeCommands.replace(
    tx,
    id,
    commands.map((command) => ({ ...command, id: uuidv7() })),
  );
  await audit({
    action: 'create',
    resourceType: 'service_type',
    resourceId: id,
    resourceName: name,
    details: { changed: Object.keys(body) },
  });
  const view = toServiceType({ ...row, commands: inOrder(added), service_count: 0 });
  return created(`/api/settings/service-types/${id}`, 'serviceType', view, row.version);
};
