import { changeDetails, differingMembers } from '../../domain/changes';
import { invalid } from '../../domain/errors';
import { patchedText } from '../../domain/registries/registry';
import { single } from '../handler';
import { toCommand } from '../serviceTypes/view';
import { type CommandOwner, commandDefinitionOf, commandOf, lockedType, type SharedHandler, type TypeRow } from './owner';

export const updateCommand =
  <Row extends TypeRow>(owner: CommandOwner<Row>): SharedHandler<'updateServiceTypeCommand'> =>
  async (request, { tx, audit }) => {
    const type = await lockedType(owner, tx, request.path.id);
    const row = commandOf(type, request.path.commandId);
    const patch = request.body();
    const issues = patch.command === undefined ? [] : owner.commandIssues(type, patch.command);
    if (issues.length > 0) throw invalid(issues);
    request.precondition(row.version, () => toCommand(row));

    const before = commandDefinitionOf(row);
    const after = {
      ...before,
      displayName: patch.displayName ?? before.displayName,
      command: patch.command ?? before.command,
      description: patchedText(before.description, patch.description),
      sortOrder: patch.sortOrder ?? before.sortOrder,
    };
    const changed = differingMembers(before, after);
    if (changed.length === 0) return single('command', toCommand(row), row.version);
    const saved = await owner.commands.update(tx, {
      id: row.id,
      typeId: type.id,
      display_name: after.displayName,
      command: after.command,
      description: after.description,
      sort_order: after.sortOrder,
    });
    await owner.touch(tx, type.id);
    const { before: old, after: now } = changeDetails(before, after, changed);
    await audit({
      action: 'update',
      resourceType: owner.resourceType,
      resourceId: type.id,
      resourceName: type.name,
      details: { changed: ['commands'], command: row.name, before: old, after: now },
    });
    return single('command', toCommand(saved), saved.version);
  };
