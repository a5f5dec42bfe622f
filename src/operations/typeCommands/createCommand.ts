import { uuidv7 } from 'uuidv7';
import { alreadyTaken, invalid, stateForbids } from '../../domain/errors';
import { commandDefinition, commandLimit } from '../../domain/types/definition';
import { created } from '../handler';
import { toCommand } from '../serviceTypes/view';
import { type CommandOwner, commandDefinitionOf, lockedType, type SharedHandler, type TypeRow } from './owner';

export const createCommand =
  <Row extends TypeRow>(owner: CommandOwner<Row>): SharedHandler<'createServiceTypeCommand'> =>
  async (request, { tx, audit }) => {
    const type = await lockedType(owner, tx, request.path.id);
    const body = request.body();
    const issues = owner.commandIssues(type, body.command);
    if (issues.length > 0) throw invalid(issues);

    const taken = type.commands.find(({ name }) => name === body.name);
    if (taken) {
      const message = `This ${owner.noun} already has a command named "${body.name}".`;
      throw alreadyTaken('name', message, { type: 'command', id: taken.id });
    }
    if (type.commands.length >= commandLimit) {
      throw stateForbids(`A type has at most ${commandLimit} commands.`, { state: 'full' }, 'Delete a command first.');
    }
    const definition = commandDefinition(body, type.commands.map(commandDefinitionOf));
    const row = await owner.commands.insert(tx, {
      id: uuidv7(),
      typeId: type.id,
      name: definition.name,
      display_name: definition.displayName,
      command: definition.command,
      description: definition.description,
      sort_order: definition.sortOrder,
    });
    await owner.touch(tx, type.id);
    await audit({
      action: 'update',
      resourceType: owner.resourceType,
      resourceId: type.id,
      resourceName: type.name,
      details: { changed: ['commands'], command: row.name, before: null, after: definition },
    });
    return created(`${owner.path}/${type.id}/commands/${row.id}`, 'command', toCommand(row), row.version);
  };
