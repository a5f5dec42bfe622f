import { invalid } from '../../domain/errors';
import { checkCommandOrder } from '../../domain/types/commandOrder';
import { json } from '../handler';
import { toCommand } from '../serviceTypes/view';
import { type CommandOwner, lockedType, type SharedHandler, type TypeRow } from './owner';

export const reorderCommands =
  <Row extends TypeRow>(owner: CommandOwner<Row>, view: (type: Row) => unknown): SharedHandler<'reorderServiceTypeCommands'> =>
  async (request, { tx, audit }) => {
    const type = await lockedType(owner, tx, request.path.id);
    const ids = request.body();
    const issues = checkCommandOrder(ids, type.commands);
    if (issues.length > 0) throw invalid(issues);
    request.precondition(type.version, () => view(type));

    const inPlace = type.commands.every(({ id, sort_order }) => ids[sort_order] === id);
    if (inPlace) return json({ commands: type.commands.map(toCommand) });
    await owner.commands.reorder(tx, type.id, ids);
    const saved = await owner.touch(tx, type.id);
    const names = (row: TypeRow) => row.commands.map(({ name }) => name);
    await audit({
      action: 'update',
      resourceType: owner.resourceType,
      resourceId: type.id,
      resourceName: type.name,
      details: { changed: ['commands'], before: { commands: names(type) }, after: { commands: names(saved) } },
    });
    return json({ commands: saved.commands.map(toCommand) });
  };
