import { noContent } from '../handler';
import { toCommand } from '../serviceTypes/view';
import { type CommandOwner, commandDefinitionOf, commandOf, lockedType, type SharedHandler, type TypeRow } from './owner';

export const deleteCommand =
  <Row extends TypeRow>(owner: CommandOwner<Row>): SharedHandler<'deleteServiceTypeCommand'> =>
  async (request, { tx, audit }) => {
    const type = await lockedType(owner, tx, request.path.id);
    const row = commandOf(type, request.path.commandId);
    request.precondition(row.version, () => toCommand(row));
    await owner.commands.remove(tx, type.id, row.id);
    await owner.touch(tx, type.id);
    await audit({
      action: 'update',
      resourceType: owner.resourceType,
      resourceId: type.id,
      resourceName: type.name,
      details: { changed: ['commands'], command: row.name, before: commandDefinitionOf(row), after: null },
    });
    return noContent();
  };
