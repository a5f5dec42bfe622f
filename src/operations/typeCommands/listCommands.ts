import { notFound } from '../../domain/errors';
import { containing } from '../../store/list';
import { json } from '../handler';
import { toCommand } from '../serviceTypes/view';
import type { CommandOwner, SharedHandler, TypeRow } from './owner';

export const listCommands =
  <Row extends TypeRow>(owner: CommandOwner<Row>): SharedHandler<'listServiceTypeCommands'> =>
  async (request, { db }) => {
    const { id } = request.path;
    const { query, page } = await request.page(async () => {
      if (!(await owner.find(db, id))) throw notFound(owner.noun, id);
    });
    const q = query.q === undefined ? undefined : containing(query.q);
    const found = await owner.commands.list(db, page, { typeId: id, q });
    if (!found.parentExists) throw notFound(owner.noun, id);
    return json({ commands: found.rows.map(toCommand), total: found.total, nextCursor: found.nextCursor });
  };
